#include "cloud/auth/sigv4.h"

#include <openssl/crypto.h>

#include <ctime>

namespace hanse::cloud::sigv4 {
namespace {

void append_scope(const Scope& scope, std::string& out) {
  out.append(scope.date()).append("/").append(scope.region).append("/").append(scope.service);
  out.append("/aws4_request");
}

}  // namespace

std::string string_to_sign(const Request& request, const Scope& scope) {
  std::string out(kAlgorithm);
  out.append("\n").append(scope.timestamp).append("\n");
  append_scope(scope, out);
  out += '\n';
  append_hex(sha256(canonical_request(request)), out);
  return out;
}

std::string signature(const Request& request, const Scope& scope, const Digest& signing_key) {
  return hex_of(hmac_sha256(bytes_of(signing_key), string_to_sign(request, scope)));
}

std::string authorization(const Request& request, const Scope& scope, std::string_view access_key_id,
                          const Digest& signing_key) {
  std::string out(kAlgorithm);
  out.append(" Credential=").append(access_key_id).append("/");
  append_scope(scope, out);
  out.append(", SignedHeaders=").append(signed_names(request));
  return out.append(", Signature=").append(signature(request, scope, signing_key));
}

Digest signing_key(std::string_view secret, const Scope& scope) {
  std::string first = "AWS4";
  first.append(secret);
  Digest key = hmac_sha256(first, scope.date());
  OPENSSL_cleanse(first.data(), first.size());
  for (std::string_view part : {scope.region, scope.service, std::string_view("aws4_request")})
    key = hmac_sha256(bytes_of(key), part);
  return key;
}

const Digest& SigningKeys::key(const Secret& secret, const Scope& scope) {
  if (date_ == scope.date() && region_ == scope.region && service_ == scope.service &&
      secret_.reveal() == secret.reveal())
    return key_;
  key_ = signing_key(secret.reveal(), scope);
  date_ = scope.date();
  region_ = scope.region;
  service_ = scope.service;
  secret_ = secret;
  return key_;
}

void SigningKeys::wipe() { OPENSSL_cleanse(key_.data(), key_.size()); }

std::string timestamp_of(int64_t unix_seconds) {
  const auto when = static_cast<time_t>(unix_seconds);
  std::tm parts{};
  gmtime_r(&when, &parts);
  char text[32];
  return {text, std::strftime(text, sizeof text, "%Y%m%dT%H%M%SZ", &parts)};
}

}  // namespace hanse::cloud::sigv4
