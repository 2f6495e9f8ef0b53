// JSON web tokens as they prove who somebody is: three parts in base64url, signed with RSA and SHA-256,
// padded by PKCS #1 (RS256) or PSS (PS256; RFC 7515, 7518).
//
//   TRY(std::string token, jwt(R"({"alg":"RS256","typ":"JWT"})", claims, private_key));
#pragma once

#include <string>
#include <string_view>

#include "base/error.h"
#include "base/secret.h"

namespace hanse::cloud {

enum class JwtPadding : unsigned char { pkcs1, pss };

// `private_key`: RSA, DER. The error never says what it is.
Result<std::string> jwt(std::string_view header, std::string_view claims, const Secret& private_key,
                        JwtPadding padding = JwtPadding::pkcs1);
// Without padding, as these tokens have it.
std::string base64url(std::string_view bytes);

}  // namespace hanse::cloud
