// AWS Signature Version 4: what both sides of it compute. Pure; a request is views that the caller keeps.
//
//   sigv4::Request request{"POST", "/model/m/converse", "", fields, hash_in_hex};
//   sigv4::SigningKeys keys;                                         // one a core: the day's key is kept
//   std::string value = sigv4::authorization(request, {"20261123T101500Z", "eu-central-1", "bedrock"},
//                                            "AKID", keys.key(secret, scope));
//   head += "authorization: " + value;                               // x-amz-date is among the fields
//
// Who verifies a client's signature: sigv4_verify.h.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/secret.h"
#include "cloud/auth/digest.h"

namespace hanse::cloud::sigv4 {

// A header that is signed. Of one name several, in their order.
struct Field {
  std::string_view name;  // in any case
  std::string_view value;
};

struct Request {
  std::string_view method;
  std::string_view path;   // as it stands in the request line
  std::string_view query;  // the same, without '?'
  std::vector<Field> fields;
  std::string_view body_hash;  // SHA-256 in hex
  bool normalize = true;       // dots and double slashes of the path are resolved, as all services but S3 do
};

struct Scope {
  std::string_view timestamp;  // 20150830T123600Z
  std::string_view region, service;
  std::string_view date() const { return timestamp.substr(0, 8); }
};

// The SHA-256 of nothing, in hex.
inline constexpr std::string_view kNoBody =
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
inline constexpr std::string_view kAlgorithm = "AWS4-HMAC-SHA256";

// "host;x-amz-date": the names in lower case, sorted.
std::string signed_names(const Request& request);
std::string canonical_request(const Request& request);
std::string string_to_sign(const Request& request, const Scope& scope);
// 64 hex digits.
std::string signature(const Request& request, const Scope& scope, const Digest& signing_key);
// The value of the header Authorization.
std::string authorization(const Request& request, const Scope& scope, std::string_view access_key_id,
                          const Digest& signing_key);

Digest signing_key(std::string_view secret, const Scope& scope);

// The signing key that was used last, which lasts a day. Not to be shared by threads.
class SigningKeys {
 public:
  const Digest& key(const Secret& secret, const Scope& scope);
  ~SigningKeys() { wipe(); }

 private:
  void wipe();
  std::string date_, region_, service_;
  Secret secret_;
  Digest key_{};
};

// "20150830T123600Z"
std::string timestamp_of(int64_t unix_seconds);

}  // namespace hanse::cloud::sigv4
