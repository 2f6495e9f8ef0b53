#include "cloud/auth/digest.h"

#include <openssl/evp.h>

#include <memory>

#include "base/assert.h"

namespace hanse::cloud {
namespace {

constexpr size_t kBlock = 64;  // of SHA-256

// One context a thread, used again and again: the algorithm is fetched once.
class Hash {
 public:
  Hash() : context_(EVP_MD_CTX_new(), EVP_MD_CTX_free) {}
  void begin() {
    static const EVP_MD* algorithm = EVP_MD_fetch(nullptr, "SHA256", nullptr);
    HANSE_ASSERT(EVP_DigestInit_ex2(context_.get(), algorithm, nullptr) == 1);
  }
  void add(std::string_view bytes) {
    if (!bytes.empty()) HANSE_ASSERT(EVP_DigestUpdate(context_.get(), bytes.data(), bytes.size()) == 1);
  }
  Digest end() {
    Digest out;
    HANSE_ASSERT(EVP_DigestFinal_ex(context_.get(), out.data(), nullptr) == 1);
    return out;
  }

 private:
  std::unique_ptr<EVP_MD_CTX, void (*)(EVP_MD_CTX*)> context_;
};

Hash& hash() {
  thread_local Hash one;
  return one;
}

}  // namespace

Digest sha256(Pieces pieces) {
  Hash& one = hash();
  one.begin();
  for (std::string_view piece : pieces) one.add(piece);
  return one.end();
}

// RFC 2104.
Digest hmac_sha256(std::string_view key, Pieces pieces) {
  Digest short_key;
  if (key.size() > kBlock) {
    short_key = sha256(key);
    key = bytes_of(short_key);
  }
  std::array<char, kBlock> inner, outer;
  for (size_t i = 0; i < kBlock; ++i) {
    const char byte = i < key.size() ? key[i] : '\0';
    inner[i] = static_cast<char>(byte ^ 0x36);
    outer[i] = static_cast<char>(byte ^ 0x5c);
  }
  Hash& one = hash();
  one.begin();
  one.add({inner.data(), kBlock});
  for (std::string_view piece : pieces) one.add(piece);
  const Digest first = one.end();
  one.begin();
  one.add({outer.data(), kBlock});
  one.add(bytes_of(first));
  return one.end();
}

void append_hex(const Digest& digest, std::string& out) {
  constexpr char kDigits[] = "0123456789abcdef";
  for (unsigned char byte : digest) {
    out += kDigits[byte >> 4];
    out += kDigits[byte & 15];
  }
}

std::string hex_of(const Digest& digest) {
  std::string out;
  append_hex(digest, out);
  return out;
}

}  // namespace hanse::cloud
