#include "base/url.h"

#include <charconv>

namespace hanse {
namespace {

bool is_host_char(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' || c == '-' ||
         c == '_';
}

bool is_ipv6_char(char c) {
  return (c >= '0' && c <= '9') || ((c | 0x20) >= 'a' && (c | 0x20) <= 'f') || c == ':' || c == '.';
}

bool is_path_char(char c) {
  return c > ' ' && c < 0x7f && c != '?' && c != '#' && c != '"' && c != '<' && c != '>' && c != '\\';
}

template <class Good>
bool all_are(std::string_view text, Good good) {
  for (char c : text)
    if (!good(c)) return false;
  return true;
}

Result<uint16_t> parse_port(std::string_view text, std::string_view whole) {
  unsigned port = 0;
  auto [end, e] = std::from_chars(text.data(), text.data() + text.size(), port);
  if (text.empty() || e != std::errc() || end != text.data() + text.size() || port > 65535)
    return fail(Code::bad_request, "'" + std::string(whole) + "': the port must be a number up to 65535");
  return static_cast<uint16_t>(port);
}

struct Authority {
  std::string host;
  std::string_view port;  // empty: none given
};

Result<Authority> parse_authority(std::string_view text, std::string_view whole) {
  Authority out;
  size_t colon = std::string_view::npos;
  if (text.starts_with('[')) {
    size_t close = text.find(']');
    if (close == std::string_view::npos || close < 3 || !all_are(text.substr(1, close - 1), is_ipv6_char))
      return fail(Code::bad_request, "'" + std::string(whole) + "': the IPv6 address in brackets is wrong");
    out.host = text.substr(1, close - 1);
    if (close + 1 < text.size()) colon = close + 1;
    if (colon != std::string_view::npos && text[colon] != ':')
      return fail(Code::bad_request, "'" + std::string(whole) + "': wanted ':' behind ']'");
  } else {
    colon = text.find(':');
    out.host = text.substr(0, colon);
    if (!all_are(out.host, is_host_char))
      return fail(Code::bad_request,
                  "'" + std::string(whole) + "': the host name has a byte that none may have");
  }
  if (colon != std::string_view::npos) {
    out.port = text.substr(colon + 1);
    if (out.port.empty())
      return fail(Code::bad_request, "'" + std::string(whole) + "': a port must stand behind ':'");
  }
  return out;
}

}  // namespace

Result<Url> parse_url(std::string_view text) {
  Url url;
  while (text.ends_with('/')) text.remove_suffix(1);
  url.text = text;
  std::string_view rest = text;
  if (rest.starts_with("https://"))
    rest.remove_prefix(8);
  else if (rest.starts_with("http://"))
    rest.remove_prefix(7), url.tls = false;
  else
    return fail(Code::bad_request, "'" + std::string(text) + "': a URL starts with http:// or https://");
  size_t slash = rest.find('/');
  std::string_view authority = rest.substr(0, slash);
  url.path = slash == std::string_view::npos ? "" : rest.substr(slash);
  if (authority.find('@') != std::string_view::npos)
    return fail(Code::bad_request,
                "the URL holds a user name or password; put credentials in key_env or key_file");
  if (!all_are(url.path, is_path_char))
    return fail(Code::bad_request,
                "'" + std::string(text) + "': a base URL has no query, fragment or blanks");
  TRY(Authority where, parse_authority(authority, text));
  if (where.host.empty()) return fail(Code::bad_request, "'" + std::string(text) + "': the host is missing");
  url.host = std::move(where.host);
  url.port = url.tls ? 443 : 80;
  if (!where.port.empty()) {
    TRY(url.port, parse_port(where.port, text));
    if (url.port == 0) return fail(Code::bad_request, "'" + std::string(text) + "': port 0 can't be called");
  }
  return url;
}

std::string Url::host_header() const {
  std::string out = host.find(':') == std::string::npos ? host : "[" + host + "]";
  if (port != (tls ? 443 : 80)) out += ":" + std::to_string(port);
  return out;
}

Result<HostPort> parse_host_port(std::string_view text) {
  if (!text.empty() && all_are(text, [](char c) { return c >= '0' && c <= '9'; })) {
    TRY(uint16_t port, parse_port(text, text));
    return HostPort{"127.0.0.1", port};
  }
  TRY(Authority where, parse_authority(text, text));
  if (where.port.empty())
    return fail(Code::bad_request,
                "'" + std::string(text) + "': wanted ADDRESS:PORT, such as 127.0.0.1:8080");
  TRY(uint16_t port, parse_port(where.port, text));
  if (where.host.empty()) where.host = "127.0.0.1";
  return HostPort{std::move(where.host), port};
}

}  // namespace hanse
