// Base64 (RFC 4648 section 4) there and back.
//
//   append_base64("any bytes", out);
//   if (!append_from_base64(text, out)) ...        // it is none
#pragma once

#include <string>
#include <string_view>

namespace hanse {

void append_base64(std::string_view bytes, std::string& out);
// False, and `out` as it was, for other characters, a length that can't be, or bits behind the last byte.
// Padding may be missing.
bool append_from_base64(std::string_view text, std::string& out);
// Whether append_from_base64 would take it.
bool is_base64(std::string_view text);

}  // namespace hanse
