#include "net/http/target.h"

#include "base/bytes.h"
#include "net/http/scan.h"

namespace hanse::http {
namespace {

constexpr Flaw kBadTarget{400, "the request's target is neither a path nor an http(s) URL"};
constexpr Flaw kBadAuthority{400, "the authority in the request's target is malformed"};
constexpr Flaw kBareQuery{400, "the URL in the request line has a query but no path"};
constexpr Flaw kStar{400, "the target '*' goes with OPTIONS only"};
constexpr Flaw kConnectForm{400, "CONNECT wants host:port as its target"};

bool is_port(std::string_view text) { return text.size() <= 5 && all(text, kDigit); }

// "[...]" with its brackets: hex digits, colons and dots; the IPvFuture form isn't used by anyone.
bool is_ip_literal(std::string_view text) {
  if (text.size() < 4 || text.back() != ']') return false;
  for (char c : text.substr(1, text.size() - 2))
    if (!is(c, kHexDigit) && c != ':' && c != '.') return false;
  return true;
}

struct HostPort {
  std::string_view host, port;
  bool has_port = false;
};

HostPort split(std::string_view text) {
  size_t colon = text.rfind(':');
  size_t bracket = text.rfind(']');
  if (colon == text.npos || (bracket != text.npos && bracket > colon)) return {text, {}};
  return {text.substr(0, colon), text.substr(colon + 1), true};
}

bool same_port(const HostPort& a, const HostPort& b, std::string_view default_port) {
  std::string_view port_a = a.port.empty() ? default_port : a.port;
  std::string_view port_b = b.port.empty() ? default_port : b.port;
  return port_a == port_b;
}

const Flaw* check_connect(std::string_view target) {
  HostPort parts = split(target);
  bool fine = valid_host(target) && !parts.port.empty();
  return fine ? nullptr : &kConnectForm;
}

}  // namespace

bool valid_host(std::string_view text) {
  if (text.starts_with('[')) {
    HostPort parts = split(text);
    return is_ip_literal(parts.host) && is_port(parts.port);
  }
  const char* end = text.data() + text.size();
  const char* stop = skip_portable<kHostByte>(text.data(), end);
  if (stop == text.data()) return false;
  return stop == end || (*stop == ':' && is_port({stop + 1, end}));
}

bool same_authority(std::string_view host, std::string_view authority, std::string_view default_port) {
  HostPort a = split(host), b = split(authority);
  return equal_ignoring_case(a.host, b.host) && same_port(a, b, default_port);
}

const Flaw* check_target(std::string_view method, std::string_view& target, std::string_view& authority,
                         std::string_view& default_port) {
  if (method == "CONNECT") return check_connect(target);
  if (target.front() == '/') return nullptr;
  if (target == "*") return method == "OPTIONS" ? nullptr : &kStar;
  if (target.size() > 7 && equal_ignoring_case(target.substr(0, 7), "http://")) {
    default_port = "80";
    target.remove_prefix(7);
  } else if (target.size() > 8 && equal_ignoring_case(target.substr(0, 8), "https://")) {
    default_port = "443";
    target.remove_prefix(8);
  } else {
    return &kBadTarget;
  }
  authority = target.substr(0, target.find_first_of("/?"));
  if (!valid_host(authority)) return &kBadAuthority;
  target.remove_prefix(authority.size());
  if (target.empty()) target = method == "OPTIONS" ? "*" : "/";
  return target.front() == '?' ? &kBareQuery : nullptr;  // "/?query" is nowhere in the bytes to point at
}

}  // namespace hanse::http
