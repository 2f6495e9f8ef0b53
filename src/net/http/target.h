// A request's target and its Host. RFC 9112 section 3.2, RFC 9110 sections 4.2 and 7.2.
//
// Strict where proxies have been made to disagree about whom a request is for:
//   - a Host is a name or an IP literal with an optional port: no user, path, blank, comma or second value
//   - absolute form ("GET http://a/x") is taken as its path, and only when its authority is the Host's
//   - authority form only with CONNECT, "*" only with OPTIONS; no fragment, no byte outside of visible ASCII
// Private to net/http.
#pragma once

#include <string_view>

#include "net/http/flaw.h"

namespace hanse::http {

// Is it `host [":" port]`? Empty is not.
bool valid_host(std::string_view text);

// Checks the target's form for the method. Absolute form: `target` becomes its path and `authority`,
// `default_port` say whom it names; else `authority` stays empty.
const Flaw* check_target(std::string_view method, std::string_view& target, std::string_view& authority,
                         std::string_view& default_port);

// Do a Host and a target's authority name the same server? A default port may be written or not.
bool same_authority(std::string_view host, std::string_view authority, std::string_view default_port);

}  // namespace hanse::http
