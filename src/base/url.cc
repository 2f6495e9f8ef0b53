#include "base/url.h"

#include <charconv>

#include "base/bytes.h"

namespace hanse {
namespace {

constexpr size_t kHostBytesMax = 253;  // of a DNS name
constexpr size_t kPathBytesMax = 2048;

bool is_digit(char c) { return c >= '0' && c <= '9'; }

bool is_hex(char c) { return is_digit(c) || ((c | 0x20) >= 'a' && (c | 0x20) <= 'f'); }

bool is_host_char(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || is_digit(c) || c == '.' || c == '-' || c == '_';
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

// The text as a message may show it: a query or user info can hold a key, control bytes would garble a
// terminal.
std::string shown(std::string_view text) {
  constexpr size_t kShownMax = 120;
  std::string out(text.substr(0, std::min(text.find_first_of("?#"), kShownMax)));
  if (size_t at = out.find('@'); at != std::string::npos) out = "..." + out.substr(at);
  if (out.size() < text.size()) out += "...";
  for (char& c : out)
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) c = ' ';
  return out;
}

Failed refuse(std::string_view whole, std::string_view why) {
  return fail(Code::bad_request, "'" + shown(whole) + "': " + std::string(why));
}

Result<uint16_t> parse_port(std::string_view text, std::string_view whole) {
  unsigned port = 0;
  auto [end, e] = std::from_chars(text.data(), text.data() + text.size(), port);
  if (text.empty() || e != std::errc() || end != text.data() + text.size() || port > 65535)
    return refuse(whole, "the port must be a number up to 65535");
  return static_cast<uint16_t>(port);
}

// Eight groups of hex, "::" once for any run of them, and the last two groups maybe as an IPv4 address.
bool is_ipv6(std::string_view text) {
  size_t groups = 0;
  bool gap = false;
  if (text.starts_with(':') && !text.starts_with("::")) return false;
  while (!text.empty()) {
    if (text.starts_with("::")) {
      if (gap) return false;
      gap = true;
      text.remove_prefix(2);
      continue;
    }
    if (groups && text.starts_with(':')) text.remove_prefix(1);
    size_t size = std::min(text.find(':'), text.size());
    std::string_view group = text.substr(0, size);
    if (size == text.size() && is_ipv4(group)) return gap ? groups <= 5 : groups == 6;
    if (group.empty() || size > 4 || !all_are(group, is_hex)) return false;
    ++groups;
    text.remove_prefix(size);
  }
  return gap ? groups <= 7 : groups == 8;
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
    if (close == std::string_view::npos || !is_ipv6(text.substr(1, close - 1)))
      return refuse(whole, "the IPv6 address in brackets is wrong");
    out.host = text.substr(1, close - 1);
    if (close + 1 < text.size()) colon = close + 1;
    if (colon != std::string_view::npos && text[colon] != ':') return refuse(whole, "wanted ':' behind ']'");
  } else {
    colon = text.find(':');
    out.host = text.substr(0, colon);
    if (!all_are(out.host, is_host_char)) return refuse(whole, "the host name has a byte that none may have");
    if (out.host.size() > kHostBytesMax) return refuse(whole, "the host name is longer than DNS allows");
  }
  if (colon != std::string_view::npos) {
    out.port = text.substr(colon + 1);
    if (out.port.empty()) return refuse(whole, "a port must stand behind ':'");
  }
  return out;
}

}  // namespace

bool is_ipv4(std::string_view text) {
  int dots = 0;
  while (true) {
    unsigned part = 256;
    size_t size = std::min(text.find('.'), text.size());
    auto [end, e] = std::from_chars(text.data(), text.data() + size, part);
    if (e != std::errc() || end != text.data() + size || size > 3 || part > 255) return false;
    text.remove_prefix(size);
    if (text.empty()) return dots == 3;
    text.remove_prefix(1);
    ++dots;
  }
}

bool is_loopback(std::string_view host) {
  return equal_ignoring_case(host, "localhost") || host == "::1" ||
         (host.starts_with("127.") && is_ipv4(host));
}

Result<Url> parse_url(std::string_view text) {
  Url url;
  std::string_view rest = text;
  if (equal_ignoring_case(rest.substr(0, 8), "https://"))
    rest.remove_prefix(8);
  else if (equal_ignoring_case(rest.substr(0, 7), "http://"))
    rest.remove_prefix(7), url.tls = false;
  else
    return refuse(text, "a URL starts with http:// or https://");
  while (rest.ends_with('/')) rest.remove_suffix(1);
  url.text = (url.tls ? "https://" : "http://") + std::string(rest);
  size_t slash = rest.find('/');
  std::string_view authority = rest.substr(0, slash);
  url.path = slash == std::string_view::npos ? "" : rest.substr(slash);
  if (authority.find('@') != std::string_view::npos)
    return fail(Code::bad_request,
                "the URL holds a user name or password; put credentials in key_env or key_file");
  if (rest.find_first_of("?#") != std::string_view::npos)
    return refuse(text, "a base URL has no query and no fragment");
  if (!all_are(url.path, is_path_char)) return refuse(text, "the path has a byte that none may have");
  if (url.path.size() > kPathBytesMax) return refuse(text, "the path is too long");
  TRY(Authority where, parse_authority(authority, text));
  if (where.host.empty()) return refuse(text, "the host is missing");
  url.host = std::move(where.host);
  url.port = url.tls ? 443 : 80;
  if (!where.port.empty()) {
    TRY(url.port, parse_port(where.port, text));
    if (url.port == 0) return refuse(text, "port 0 can't be called");
  }
  return url;
}

std::string Url::host_header() const {
  std::string out = host.find(':') == std::string::npos ? host : "[" + host + "]";
  if (port != (tls ? 443 : 80)) out += ":" + std::to_string(port);
  return out;
}

Result<HostPort> parse_host_port(std::string_view text) {
  if (!text.empty() && all_are(text, is_digit)) {
    TRY(uint16_t port, parse_port(text, text));
    return HostPort{"127.0.0.1", port};
  }
  TRY(Authority where, parse_authority(text, text));
  if (where.port.empty()) return refuse(text, "wanted ADDRESS:PORT, such as 127.0.0.1:8080");
  TRY(uint16_t port, parse_port(where.port, text));
  if (where.host.empty()) where.host = "127.0.0.1";
  return HostPort{std::move(where.host), port};
}

void percent_encode(std::string_view text, std::string& out) {
  constexpr std::string_view kHex = "0123456789ABCDEF";
  for (char c : text) {
    auto byte = static_cast<unsigned char>(c);
    bool plain = (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') ||
                 (byte >= '0' && byte <= '9') || std::string_view("-._~@").find(c) != std::string_view::npos;
    if (plain)
      out += c;
    else
      out.append({'%', kHex[byte >> 4], kHex[byte & 15]});
  }
}

std::optional<std::string> percent_decode(std::string_view text) {
  auto digit = [](char c) {
    if (c >= '0' && c <= '9') return c - '0';
    c |= 0x20;
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
  };
  std::string out;
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      out += text[i];
      continue;
    }
    if (i + 2 >= text.size() || digit(text[i + 1]) < 0 || digit(text[i + 2]) < 0) return {};
    out += static_cast<char>(digit(text[i + 1]) * 16 + digit(text[i + 2]));
    i += 2;
  }
  return out;
}

}  // namespace hanse
