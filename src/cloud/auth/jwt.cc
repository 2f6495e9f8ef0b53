#include "cloud/auth/jwt.h"

#include <openssl/evp.h>

#include <memory>

#include "base/base64.h"

namespace hanse::cloud {

std::string base64url(std::string_view bytes) {
  std::string out;
  append_base64(bytes, out);
  while (out.ends_with('=')) out.pop_back();
  for (char& c : out) {
    if (c == '+') c = '-';
    if (c == '/') c = '_';
  }
  return out;
}

Result<std::string> jwt(std::string_view header, std::string_view claims, const Secret& private_key) {
  std::string token = base64url(header) + "." + base64url(claims);
  const auto* der = reinterpret_cast<const unsigned char*>(private_key.reveal().data());
  std::unique_ptr<EVP_PKEY, void (*)(EVP_PKEY*)> key(
      d2i_AutoPrivateKey(nullptr, &der, static_cast<long>(private_key.reveal().size())), EVP_PKEY_free);
  std::unique_ptr<EVP_MD_CTX, void (*)(EVP_MD_CTX*)> context(EVP_MD_CTX_new(), EVP_MD_CTX_free);
  const auto* text = reinterpret_cast<const unsigned char*>(token.data());
  size_t size = 0;
  std::string signature;
  auto sign = [&](unsigned char* out) {
    return EVP_DigestSign(context.get(), out, &size, text, token.size()) == 1;
  };
  bool good = key && EVP_DigestSignInit(context.get(), nullptr, EVP_sha256(), nullptr, key.get()) == 1;
  good = good && sign(nullptr);
  signature.resize(size);
  good = good && sign(reinterpret_cast<unsigned char*>(signature.data()));
  if (!good) return fail(Code::internal, "the private key signs nothing");
  signature.resize(size);
  return token + "." + base64url(signature);
}

}  // namespace hanse::cloud
