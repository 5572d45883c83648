/// Media types and what they stand for.
#include <support/catch.hpp>
#include <syncline/wire/encoding.hpp>

using syncline::wire::accepted_encoding;
using syncline::wire::encoding;
using syncline::wire::encoding_of;
using syncline::wire::media_type;

TEST_CASE("a media type names its encoding, whatever its case and parameters") {
    for (const encoding form : {encoding::json, encoding::cbor}) CHECK(encoding_of(media_type(form)) == form);
    CHECK(encoding_of("") == encoding::json);
    CHECK(encoding_of("application/json; charset=utf-8") == encoding::json);
    CHECK(encoding_of("Application/CBOR ;x=y") == encoding::cbor);
    CHECK(encoding_of(" application/cbor\t") == encoding::cbor);
    for (const char* other : {"text/plain", "application/cbor-seq", "application/jsonx", "cbor", "application/ cbor", ";", " "})
        CHECK_FALSE(encoding_of(other));
}

TEST_CASE("an answer is in the first accepted encoding that there is, else in JSON") {
    CHECK(accepted_encoding("") == encoding::json);
    CHECK(accepted_encoding("*/*") == encoding::json);
    CHECK(accepted_encoding("application/cbor") == encoding::cbor);
    CHECK(accepted_encoding("text/html, application/cbor;q=0.9, application/json") == encoding::cbor);
    CHECK(accepted_encoding("application/json, application/cbor") == encoding::json);
    CHECK(accepted_encoding(",,") == encoding::json);
    CHECK(accepted_encoding(" , application/cbor") == encoding::cbor);
}
