// A client's signature (AWS Signature Version 4 in the header Authorization), checked on the request as it
// came.
//
//   TRY(auto said, sigv4::Presented::parse(headers.get("authorization")));
//   ... the secret of said.access_key_id is looked up ...
//   TRY_VOID(sigv4::verify(said, received, secret.reveal(), unix_seconds_now));
//
// Errors are unauthenticated with the type and the words that AWS itself uses, so that its SDKs show what
// they show of AWS. Pure; views point into the request. A presigned URL isn't taken.
#pragma once

#include <span>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "cloud/auth/sigv4.h"

namespace hanse::cloud::sigv4 {

inline constexpr int64_t kWindowSeconds = 15 * 60;

// The header, taken apart.
struct Presented {
  std::string_view access_key_id;
  std::string_view date, region, service;
  std::vector<std::string_view> signed_names;
  std::string_view signature;

  static bool is_meant(std::string_view authorization) { return authorization.starts_with("AWS4-"); }
  static Result<Presented> parse(std::string_view authorization);
};

struct Received {
  std::string_view method, path, query;
  std::string_view host;          // the header Host, or :authority
  std::span<const Field> fields;  // all headers
  std::string_view body;
  bool normalize = true;
};

Result<void> verify(const Presented& said, const Received& request, std::string_view secret, int64_t now);

// What AWS says to a key that nobody knows.
Error unknown_access_key();

}  // namespace hanse::cloud::sigv4
