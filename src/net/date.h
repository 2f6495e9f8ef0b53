// The Date header's value, made once a second and thread.
#pragma once

#include <string_view>

namespace hanse::net {

std::string_view http_date_now();

}  // namespace hanse::net
