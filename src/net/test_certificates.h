// For tests: certificates made on the spot, as PEM files in a folder of their own that goes with the object.
//
//   TestCertificates files;
//   files.make_ca("ca");
//   files.make_leaf("server", "ca", "DNS:localhost,IP:127.0.0.1");      // server.pem, server.key
#pragma once

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <map>
#include <memory>
#include <string>

#include "base/assert.h"

namespace hanse::net {

class TestCertificates {
 public:
  TestCertificates() {
    std::string name = (std::filesystem::temp_directory_path() / "hanse-tls-XXXXXX").string();
    HANSE_ASSERT(::mkdtemp(name.data()));
    folder_ = name;
  }
  ~TestCertificates() { std::filesystem::remove_all(folder_); }

  std::string path(const std::string& file) const { return (folder_ / file).string(); }
  std::string write(const std::string& file, const std::string& text) const {
    std::ofstream(path(file)) << text;
    return path(file);
  }
  void make_ca(const std::string& name) { make(name, name, "", 3600); }
  void make_leaf(const std::string& name, const std::string& ca, const std::string& names,
                 long seconds = 3600) {
    make(name, ca, names, seconds);
  }

 private:
  struct Free {
    void operator()(EVP_PKEY* p) const { EVP_PKEY_free(p); }
    void operator()(X509* p) const { X509_free(p); }
  };
  struct Made {
    std::unique_ptr<EVP_PKEY, Free> key;
    std::unique_ptr<X509, Free> certificate;
  };

  void make(const std::string& name, const std::string& issuer, const std::string& names, long seconds) {
    Made made{std::unique_ptr<EVP_PKEY, Free>(EVP_EC_gen("P-256")), std::unique_ptr<X509, Free>(X509_new())};
    X509* cert = made.certificate.get();
    X509_set_version(cert, X509_VERSION_3);
    ASN1_INTEGER_set(X509_get_serialNumber(cert), ++serial_);
    X509_gmtime_adj(X509_getm_notBefore(cert), -7200);
    X509_gmtime_adj(X509_getm_notAfter(cert), seconds);
    X509_set_pubkey(cert, made.key.get());
    auto* text = reinterpret_cast<const unsigned char*>(name.c_str());
    X509_NAME_add_entry_by_txt(X509_get_subject_name(cert), "CN", MBSTRING_ASC, text, -1, -1, 0);
    bool own = issuer == name;
    const Made& signer = own ? made : made_.at(issuer);
    X509_set_issuer_name(cert, X509_get_subject_name(signer.certificate.get()));
    extend(cert, signer.certificate.get(), NID_basic_constraints,
           own ? "critical,CA:TRUE" : "critical,CA:FALSE");
    extend(cert, signer.certificate.get(), NID_key_usage,
           own ? "critical,keyCertSign" : "critical,digitalSignature");
    if (!names.empty()) extend(cert, signer.certificate.get(), NID_subject_alt_name, names.c_str());
    HANSE_ASSERT(X509_sign(cert, signer.key.get(), EVP_sha256()) > 0);
    std::unique_ptr<FILE, int (*)(FILE*)> pem(std::fopen(path(name + ".pem").c_str(), "w"), std::fclose);
    PEM_write_X509(pem.get(), cert);
    std::unique_ptr<FILE, int (*)(FILE*)> key(std::fopen(path(name + ".key").c_str(), "w"), std::fclose);
    PEM_write_PrivateKey(key.get(), made.key.get(), nullptr, nullptr, 0, nullptr, nullptr);
    made_[name] = std::move(made);
  }
  static void extend(X509* cert, X509* issuer, int id, const char* value) {
    X509V3_CTX context;
    X509V3_set_ctx_nodb(&context);
    X509V3_set_ctx(&context, issuer, cert, nullptr, nullptr, 0);
    X509_EXTENSION* extension = X509V3_EXT_conf_nid(nullptr, &context, id, value);
    HANSE_ASSERT(extension && X509_add_ext(cert, extension, -1) == 1);
    X509_EXTENSION_free(extension);
  }

  std::filesystem::path folder_;
  std::map<std::string, Made> made_;
  long serial_ = 0;
};

}  // namespace hanse::net
