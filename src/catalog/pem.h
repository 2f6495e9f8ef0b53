// PEM blocks: the text between a BEGIN and an END line, as bytes.
//
//   TRY(Secret key, private_key_of(text));          // RSA, DER
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/error.h"
#include "base/secret.h"

namespace hanse::catalog {

// The bytes of the first block whose label ends with `kind`: "CERTIFICATE", "PRIVATE KEY".
std::optional<Secret> pem_block(std::string_view text, std::string_view kind);
// The first private key; an error says why it can't be used, and never what it is.
Result<Secret> private_key_of(std::string_view text);

}  // namespace hanse::catalog
