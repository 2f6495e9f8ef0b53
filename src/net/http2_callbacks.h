// What nghttp2 reports of a connection, handed to its Http2Session. Private to the server.
#pragma once

#include <nghttp2/nghttp2.h>

namespace hanse::net {

// The same for every connection; made once.
const nghttp2_session_callbacks* http2_callbacks();
const nghttp2_option* http2_options();

}  // namespace hanse::net
