#include "catalog/pem.h"

#include <openssl/evp.h>

#include <memory>

#include "base/base64.h"

namespace hanse::catalog {

std::optional<Secret> pem_block(std::string_view text, std::string_view kind) {
  constexpr std::string_view kBegin = "-----BEGIN ", kDashes = "-----";
  for (size_t at = text.find(kBegin); at != std::string_view::npos; at = text.find(kBegin, at)) {
    at += kBegin.size();
    const size_t label_end = text.find(kDashes, at);
    if (label_end == std::string_view::npos) return {};
    const std::string_view label = text.substr(at, label_end - at);
    const size_t end = text.find("-----END ", label_end);
    if (end == std::string_view::npos) return {};
    if (!label.ends_with(kind)) continue;
    std::string plain, bytes;
    for (char c : text.substr(label_end + kDashes.size(), end - label_end - kDashes.size()))
      if (c != '\n' && c != '\r' && c != ' ' && c != '\t') plain += c;
    if (!append_from_base64(plain, bytes)) return {};
    return Secret(bytes);
  }
  return {};
}

Result<Secret> private_key_of(std::string_view text) {
  auto der = pem_block(text, "PRIVATE KEY");
  if (!der) return fail(Code::bad_request, "it holds no PEM PRIVATE KEY");
  const auto* bytes = reinterpret_cast<const unsigned char*>(der->reveal().data());
  std::unique_ptr<EVP_PKEY, void (*)(EVP_PKEY*)> key(
      d2i_AutoPrivateKey(nullptr, &bytes, static_cast<long>(der->reveal().size())), EVP_PKEY_free);
  if (!key) return fail(Code::bad_request, "its private key can't be read: wanted one without a passphrase");
  if (EVP_PKEY_get_base_id(key.get()) != EVP_PKEY_RSA)
    return fail(Code::bad_request, "its private key is not RSA");
  return std::move(*der);
}

}  // namespace hanse::catalog
