/// Certificates made for one test: self-signed, for the names it wants.
#pragma once

#include <cstdio>
#include <memory>
#include <string>

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <support/catch.hpp>

namespace syncline::tests {

/// Valid from an hour ago. `names`: as OpenSSL writes them, such as "DNS:localhost,IP:127.0.0.1".
class certificate {
public:
    explicit certificate(const std::string& names, long valid_seconds = 3'600) : key_(EVP_EC_gen("P-256")), certificate_(X509_new()) {
        X509* const made = certificate_.get();
        X509_set_version(made, X509_VERSION_3);
        ASN1_INTEGER_set(X509_get_serialNumber(made), 1);
        X509_gmtime_adj(X509_getm_notBefore(made), -3'600);
        X509_gmtime_adj(X509_getm_notAfter(made), valid_seconds);
        X509_set_pubkey(made, key_.get());
        const unsigned char text[] = "syncline test";
        X509_NAME_add_entry_by_txt(X509_get_subject_name(made), "CN", MBSTRING_ASC, text, -1, -1, 0);
        X509_set_issuer_name(made, X509_get_subject_name(made));
        add(NID_subject_alt_name, names);
        add(NID_basic_constraints, "critical,CA:TRUE");
        REQUIRE(X509_sign(made, key_.get(), EVP_sha256()) != 0);
    }

    [[nodiscard]] X509* get() const noexcept { return certificate_.get(); }
    [[nodiscard]] EVP_PKEY* key() const noexcept { return key_.get(); }

    void write_to(const std::string& path) const {
        const std::unique_ptr<std::FILE, closer> file(std::fopen(path.c_str(), "w"));
        REQUIRE(file != nullptr);
        REQUIRE(PEM_write_X509(file.get(), certificate_.get()) == 1);
    }

private:
    struct closer {
        void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
        void operator()(X509* one) const { X509_free(one); }
        void operator()(X509_EXTENSION* extension) const { X509_EXTENSION_free(extension); }
        void operator()(std::FILE* file) const { std::fclose(file); }
    };

    void add(int what, const std::string& value) {
        const std::unique_ptr<X509_EXTENSION, closer> extension(X509V3_EXT_conf_nid(nullptr, nullptr, what, value.c_str()));
        REQUIRE(extension != nullptr);
        REQUIRE(X509_add_ext(certificate_.get(), extension.get(), -1) == 1);
    }

    std::unique_ptr<EVP_PKEY, closer> key_;
    std::unique_ptr<X509, closer> certificate_;
};

}  // namespace syncline::tests
