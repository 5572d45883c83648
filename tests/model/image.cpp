/// Rows as compact runs of bytes, as stores keep them.
#include <limits>
#include <string>
#include <string_view>
#include <vector>

#include <support/catch.hpp>
#include <syncline/model/image.hpp>

using namespace syncline;

namespace {

const std::vector<cell> every_kind{cell(),
                                   cell::boolean(true),
                                   cell::integer(std::numeric_limits<std::int64_t>::min()),
                                   cell::integer(std::numeric_limits<std::int64_t>::max()),
                                   cell::real(-0.1),
                                   cell::text("text"),
                                   cell::bytes(std::string_view("\0\xff", 2)),
                                   cell::local_key("a"),
                                   cell::server_key("B")};
constexpr column_mask all = 0b1'1111'1111;

}  // namespace

TEST_CASE("every kind of value comes out of an image as it went in") {
    const std::string image = make_image(every_kind, all);
    CHECK(read_image(image, every_kind.size()) == every_kind);
}

TEST_CASE("columns outside the mask are not in the image, and stay as they are when it is read") {
    const std::string image = make_image(every_kind, 0b10);
    std::vector<cell> row(every_kind.size(), cell::text("kept"));
    std::string_view in = image;
    CHECK(take_image(in, row) == 0b10);
    CHECK(in.empty());
    CHECK(row[0] == cell::text("kept"));
    CHECK(row[1] == cell::boolean(true));
}

TEST_CASE("an image has the same bytes on every machine") {
    // 1.5 is 0x3FF8000000000000; kind 3 is a real number, kind 2 an integer, zigzag of -3 is 5.
    const std::vector<cell> row{cell::real(1.5), cell::integer(-3)};
    CHECK(make_image(row, 0b11) == std::string("\x03\x03\x00\x00\x00\x00\x00\x00\xF8\x3F\x02\x05", 12));
}

TEST_CASE("an image that is cut anywhere, or has more columns than its table, is refused") {
    const std::string image = make_image(every_kind, all);
    for (std::size_t size = 0; size < image.size(); ++size) CHECK_THROWS_AS(read_image(std::string_view(image).substr(0, size), every_kind.size()), store_error);
    CHECK_THROWS_AS(read_image(image, every_kind.size() - 1), store_error);
}
