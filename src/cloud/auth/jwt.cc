#include "cloud/auth/jwt.h"

#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/params.h>

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

Result<std::string> jwt(std::string_view header, std::string_view claims, const Secret& private_key,
                        JwtPadding padding) {
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
  char pss[] = "pss", digest[] = "digest";
  const OSSL_PARAM params[] = {OSSL_PARAM_construct_utf8_string(OSSL_SIGNATURE_PARAM_PAD_MODE, pss, 0),
                               OSSL_PARAM_construct_utf8_string(OSSL_SIGNATURE_PARAM_PSS_SALTLEN, digest, 0),
                               OSSL_PARAM_construct_end()};
  bool good = key && EVP_DigestSignInit_ex(context.get(), nullptr, "SHA256", nullptr, nullptr, key.get(),
                                           padding == JwtPadding::pss ? params : nullptr) == 1;
  good = good && sign(nullptr);
  signature.resize(size);
  good = good && sign(reinterpret_cast<unsigned char*>(signature.data()));
  if (!good) return fail(Code::internal, "the private key signs nothing");
  signature.resize(size);
  return token + "." + base64url(signature);
}

}  // namespace hanse::cloud
