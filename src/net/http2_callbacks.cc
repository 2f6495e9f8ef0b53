#include "net/http2_callbacks.h"

#include "net/http2_session.h"

namespace hanse::net {
namespace {

std::string_view text(const uint8_t* bytes, size_t size) {
  return {reinterpret_cast<const char*>(bytes), size};
}

Http2Exchange* exchange_of(nghttp2_session* h2, int32_t id) {
  return static_cast<Http2Exchange*>(nghttp2_session_get_stream_user_data(h2, id));
}

// Resets that we sent because of what the client did.
bool is_clients_fault(uint32_t code) {
  return code != NGHTTP2_NO_ERROR && code != NGHTTP2_INTERNAL_ERROR && code != NGHTTP2_CANCEL;
}

}  // namespace

struct Http2Callbacks {
  static Http2Session& of(void* user) { return *static_cast<Http2Session*>(user); }

  static int on_begin_frame(nghttp2_session* h2, const nghttp2_frame_hd* head, void* user) {
    if (head->type == NGHTTP2_HEADERS && !of(user).ids_.admit(head->stream_id))
      nghttp2_session_terminate_session(h2, NGHTTP2_PROTOCOL_ERROR);
    return 0;
  }

  static int on_begin_headers(nghttp2_session*, const nghttp2_frame* frame, void* user) {
    of(user).head_begun_ = Reactor::current().now();
    if (frame->headers.cat == NGHTTP2_HCAT_REQUEST) of(user).stream_begins(frame->hd.stream_id);
    return 0;
  }

  static int on_header(nghttp2_session* h2, const nghttp2_frame* frame, const uint8_t* name, size_t name_size,
                       const uint8_t* value, size_t value_size, uint8_t, void*) {
    // Trailers are read past: no dialect of ours has any.
    if (frame->headers.cat != NGHTTP2_HCAT_REQUEST) return 0;
    if (auto* exchange = exchange_of(h2, frame->hd.stream_id))
      exchange->fields().field(text(name, name_size), text(value, value_size));
    return 0;
  }

  static int on_frame(nghttp2_session* h2, const nghttp2_frame* frame, void* user) {
    Http2Session& session = of(user);
    switch (frame->hd.type) {
      case NGHTTP2_HEADERS:
        session.head_begun_ = kNever;
        on_headers(h2, frame);
        break;
      case NGHTTP2_DATA:
        on_data(h2, frame, session);
        break;
      case NGHTTP2_RST_STREAM:
        session.note_reset();
        break;
      case NGHTTP2_SETTINGS:
        if (session.waiting_.empty()) session.head_begun_ = kNever;  // the preface is whole
        [[fallthrough]];
      case NGHTTP2_PING:
        if (!(frame->hd.flags & NGHTTP2_FLAG_ACK)) session.note_control();
        break;
      case NGHTTP2_PRIORITY:
        session.note_control();
        break;
      case NGHTTP2_WINDOW_UPDATE:
        // Windows that open by a few bytes make us send a frame for each.
        if (frame->window_update.window_size_increment < 64) session.note_control();
        break;
    }
    return 0;
  }

  static void on_headers(nghttp2_session* h2, const nghttp2_frame* frame) {
    auto* exchange = exchange_of(h2, frame->hd.stream_id);
    if (!exchange) return;
    bool end_stream = frame->hd.flags & NGHTTP2_FLAG_END_STREAM;
    if (!exchange->head_done())
      exchange->head_complete(end_stream);
    else if (end_stream)
      exchange->body_complete();
  }

  static void on_data(nghttp2_session* h2, const nghttp2_frame* frame, Http2Session& session) {
    bool end_stream = frame->hd.flags & NGHTTP2_FLAG_END_STREAM;
    if (!end_stream && frame->hd.length == frame->data.padlen) session.note_control();  // nothing in it
    auto* exchange = exchange_of(h2, frame->hd.stream_id);
    if (end_stream && exchange) exchange->body_complete();
  }

  static int on_data_chunk(nghttp2_session* h2, uint8_t, int32_t id, const uint8_t* data, size_t size,
                           void*) {
    auto* exchange = exchange_of(h2, id);
    if (exchange)
      exchange->data_received(text(data, size));
    else
      nghttp2_session_consume_connection(h2, size);
    return 0;
  }

  static int on_sent(nghttp2_session* h2, const nghttp2_frame* frame, void* user) {
    if (frame->hd.type == NGHTTP2_RST_STREAM && is_clients_fault(frame->rst_stream.error_code))
      of(user).note_reset();
    bool answered = (frame->hd.type == NGHTTP2_DATA || frame->hd.type == NGHTTP2_HEADERS) &&
                    (frame->hd.flags & NGHTTP2_FLAG_END_STREAM);
    // The whole answer is out and the client still sends: it needn't (RFC 9113 section 8.1).
    if (answered && nghttp2_session_get_stream_remote_close(h2, frame->hd.stream_id) == 0)
      nghttp2_submit_rst_stream(h2, NGHTTP2_FLAG_NONE, frame->hd.stream_id, NGHTTP2_NO_ERROR);
    return 0;
  }

  static int on_stream_close(nghttp2_session* h2, int32_t id, uint32_t, void* user) {
    if (auto* exchange = exchange_of(h2, id)) of(user).stream_closed(*exchange);
    return 0;
  }
};

const nghttp2_session_callbacks* http2_callbacks() {
  static const nghttp2_session_callbacks* const made = [] {
    nghttp2_session_callbacks* c = nullptr;
    nghttp2_session_callbacks_new(&c);
    nghttp2_session_callbacks_set_on_begin_frame_callback(c, Http2Callbacks::on_begin_frame);
    nghttp2_session_callbacks_set_on_begin_headers_callback(c, Http2Callbacks::on_begin_headers);
    nghttp2_session_callbacks_set_on_header_callback(c, Http2Callbacks::on_header);
    nghttp2_session_callbacks_set_on_frame_recv_callback(c, Http2Callbacks::on_frame);
    nghttp2_session_callbacks_set_on_data_chunk_recv_callback(c, Http2Callbacks::on_data_chunk);
    nghttp2_session_callbacks_set_on_frame_send_callback(c, Http2Callbacks::on_sent);
    nghttp2_session_callbacks_set_on_stream_close_callback(c, Http2Callbacks::on_stream_close);
    return c;
  }();
  return made;
}

const nghttp2_option* http2_options() {
  static const nghttp2_option* const made = [] {
    nghttp2_option* option = nullptr;
    nghttp2_option_new(&option);
    nghttp2_option_set_no_auto_window_update(option, 1);  // a handler that doesn't read stops its sender
    return option;
  }();
  return made;
}

// ---- Http2Session's part of it

void Http2Session::stream_begins(int32_t id) {
  // Handlers of streams that were reset live on for a moment.
  if (tasks_ >= 2 * server_.limits().http2_streams) {
    nghttp2_submit_rst_stream(h2_, NGHTTP2_FLAG_NONE, id, NGHTTP2_REFUSED_STREAM);
    return;
  }
  auto* exchange = new Http2Exchange(*this, id);
  waiting_.push_back(*exchange);
  nghttp2_session_set_stream_user_data(h2_, id, exchange);
}

void Http2Session::stream_closed(Http2Exchange& exchange) {
  exchange.closed();
  if (!exchange.head_done()) head_begun_ = kNever;
  if (!exchange.has_task()) delete &exchange;
}

void Http2Session::note_reset() { draw(resets_); }
void Http2Session::note_control() { draw(controls_); }

void Http2Session::draw(RateBudget& budget) {
  if (flooded_ || budget.take(Reactor::current().now())) return;
  flooded_ = true;
  nghttp2_session_terminate_session(h2_, NGHTTP2_ENHANCE_YOUR_CALM);
}

}  // namespace hanse::net
