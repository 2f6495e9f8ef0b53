// For tests: an RSA key of this run's own, as files hold it.
#pragma once

#include <gtest/gtest.h>
#include <openssl/evp.h>

#include <memory>
#include <string>

#include "base/base64.h"

namespace hanse::catalog {

struct TestKey {
  std::unique_ptr<EVP_PKEY, void (*)(EVP_PKEY*)> key{EVP_PKEY_Q_keygen(nullptr, nullptr, "RSA", size_t{2048}),
                                                     EVP_PKEY_free};

  static const TestKey& get() {
    static const TestKey it;
    return it;
  }
  std::string der() const {
    unsigned char* bytes = nullptr;
    const int size = i2d_PrivateKey(key.get(), &bytes);
    EXPECT_GT(size, 0);
    std::string out(reinterpret_cast<char*>(bytes), static_cast<size_t>(size));
    OPENSSL_free(bytes);
    return out;
  }
  // Lines end as they do in JSON.
  std::string pem(std::string_view line_end = "\\n") const {
    std::string base64, out = "-----BEGIN RSA PRIVATE KEY-----";
    append_base64(der(), base64);
    for (size_t at = 0; at < base64.size(); at += 64) out.append(line_end).append(base64, at, 64);
    return out.append(line_end).append("-----END RSA PRIVATE KEY-----").append(line_end);
  }
};

}  // namespace hanse::catalog
