// Status lines and header values, as HTTP/1.1 writes them.
#pragma once

#include <string>
#include <string_view>

namespace hanse::net {

std::string_view reason_phrase(int status);
void append_status_line(int status, std::string& out);  // "HTTP/1.1 200 OK\r\n"
// Bytes that may not stand in a header value (RFC 9110 section 5.5) become spaces: nobody splits our heads.
void append_header_value(std::string_view value, std::string& out);

}  // namespace hanse::net
