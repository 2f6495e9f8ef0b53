// For tests: a blocking HTTP/2 client on one loopback connection, by nghttp2's client side, that can
// misbehave.
//
//   Http2TestClient client(port);
//   int id = client.request("POST", "/path", {{"x-a", "b"}}, "body");
//   EXPECT_EQ(client.answer(id).status, 200);          // waits for the stream's end, five seconds at most
#pragma once

#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <nghttp2/nghttp2.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <chrono>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "base/assert.h"

namespace hanse::net {

class Http2TestClient {
 public:
  using Fields = std::vector<std::pair<std::string, std::string>>;
  struct Answer {
    int status = 0;
    int interim = 0;  // answers before it (1xx)
    std::map<std::string, std::string> headers;
    std::string body;
    size_t frames = 0;  // of the body
    bool closed = false;
    uint32_t code = 0;  // with which the stream closed
    std::string upload;
    size_t uploaded = 0;
    bool hold_end = false;  // the upload never ends
  };

  // `window`: of every stream; 0 leaves HTTP/2's own. `reading`: give read bytes back to the windows.
  explicit Http2TestClient(uint16_t port, uint32_t window = 0, bool reading = true)
      : fd_(::socket(AF_INET, SOCK_STREAM, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    HANSE_ASSERT(::connect(fd_, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0);
    int one = 1;
    ::setsockopt(fd_, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    open_session(reading);
    nghttp2_settings_entry setting{NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE, window};
    nghttp2_submit_settings(h2_, NGHTTP2_FLAG_NONE, &setting, window ? 1 : 0);
  }
  ~Http2TestClient() {
    close();
    nghttp2_session_del(h2_);
  }

  nghttp2_session* h2() { return h2_; }
  int32_t request(const std::string& method, const std::string& path, const Fields& fields = {},
                  std::string body = {}, bool hold_end = false) {
    Fields all{{":method", method}, {":path", path}, {":scheme", "http"}, {":authority", "gateway.test"}};
    all.insert(all.end(), fields.begin(), fields.end());
    return submit(all, std::move(body), hold_end);
  }
  // Exactly these fields.
  int32_t submit(const Fields& fields, std::string body = {}, bool hold_end = false) {
    std::vector<nghttp2_nv> list;
    for (const auto& [name, value] : fields) list.push_back(nv(name, value));
    nghttp2_data_provider provider{};
    provider.read_callback = read_upload;
    bool has_body = !body.empty() || hold_end;
    int32_t id = nghttp2_submit_request(h2_, nullptr, list.data(), list.size(),
                                        has_body ? &provider : nullptr, nullptr);
    HANSE_ASSERT(id > 0);
    answers_[id].upload = std::move(body);
    answers_[id].hold_end = hold_end;
    return id;
  }
  void reset(int32_t id) { nghttp2_submit_rst_stream(h2_, NGHTTP2_FLAG_NONE, id, NGHTTP2_CANCEL); }

  // Sends and receives until `done`, the connection's end, or `ms` have passed.
  bool pump(const std::function<bool()>& done, int ms = 5000) {
    auto limit = std::chrono::steady_clock::now() + std::chrono::milliseconds(ms);
    while (!done()) {
      send_all();
      int left = static_cast<int>((limit - std::chrono::steady_clock::now()) / std::chrono::milliseconds(1));
      pollfd wait{fd_, POLLIN, 0};
      if (ended || left <= 0 || ::poll(&wait, 1, left) <= 0) return done();
      receive();
    }
    return true;
  }
  Answer& answer(int32_t id) {
    pump([&] { return answers_[id].closed; });
    return answers_[id];
  }
  Answer& peek(int32_t id) { return answers_[id]; }
  void wait(int ms) {
    pump([] { return false; }, ms);
  }
  // Bytes past nghttp2.
  bool say(std::string_view bytes) { return ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL) > 0; }
  void send_all() {
    const uint8_t* bytes = nullptr;
    for (ssize_t n; (n = nghttp2_session_mem_send(h2_, &bytes)) > 0;)
      if (::send(fd_, bytes, static_cast<size_t>(n), MSG_NOSIGNAL) != n) ended = true;
  }
  void close() {
    if (fd_ >= 0) ::close(fd_);
    fd_ = -1;
  }

  bool ended = false;  // the server closed the connection
  int goaways = 0;
  uint32_t goaway_code = 0;
  int32_t goaway_last = -1;

 private:
  static nghttp2_nv nv(const std::string& name, const std::string& value) {
    auto bytes = [](const std::string& s) { return reinterpret_cast<uint8_t*>(const_cast<char*>(s.data())); };
    return {bytes(name), bytes(value), name.size(), value.size(), NGHTTP2_NV_FLAG_NONE};
  }
  static Http2TestClient& of(void* user) { return *static_cast<Http2TestClient*>(user); }

  static ssize_t read_upload(nghttp2_session*, int32_t id, uint8_t* data, size_t size, uint32_t* flags,
                             nghttp2_data_source*, void* user) {
    Answer& answer = of(user).answers_[id];
    size_t n = std::min(size, answer.upload.size() - answer.uploaded);
    std::memcpy(data, answer.upload.data() + answer.uploaded, n);
    answer.uploaded += n;
    if (answer.uploaded < answer.upload.size()) return static_cast<ssize_t>(n);
    if (!answer.hold_end) *flags |= NGHTTP2_DATA_FLAG_EOF;
    return answer.hold_end && n == 0 ? ssize_t{NGHTTP2_ERR_DEFERRED} : static_cast<ssize_t>(n);
  }
  static int on_header(nghttp2_session*, const nghttp2_frame* frame, const uint8_t* name, size_t name_size,
                       const uint8_t* value, size_t value_size, uint8_t, void* user) {
    Answer& answer = of(user).answers_[frame->hd.stream_id];
    std::string key(reinterpret_cast<const char*>(name), name_size),
        text(reinterpret_cast<const char*>(value), value_size);
    if (key == ":status") {
      if (answer.status) ++answer.interim;
      answer.status = std::stoi(text);
    }
    answer.headers[key] = text;
    return 0;
  }
  static int on_data(nghttp2_session*, uint8_t, int32_t id, const uint8_t* data, size_t size, void* user) {
    of(user).answers_[id].body.append(reinterpret_cast<const char*>(data), size);
    return 0;
  }
  static int on_frame(nghttp2_session*, const nghttp2_frame* frame, void* user) {
    if (frame->hd.type == NGHTTP2_DATA) ++of(user).answers_[frame->hd.stream_id].frames;
    if (frame->hd.type != NGHTTP2_GOAWAY) return 0;
    ++of(user).goaways;
    of(user).goaway_code = frame->goaway.error_code;
    of(user).goaway_last = frame->goaway.last_stream_id;
    return 0;
  }
  static int on_close(nghttp2_session*, int32_t id, uint32_t code, void* user) {
    of(user).answers_[id].closed = true;
    of(user).answers_[id].code = code;
    return 0;
  }

  void open_session(bool reading) {
    nghttp2_session_callbacks* callbacks = nullptr;
    nghttp2_session_callbacks_new(&callbacks);
    nghttp2_session_callbacks_set_on_header_callback(callbacks, on_header);
    nghttp2_session_callbacks_set_on_data_chunk_recv_callback(callbacks, on_data);
    nghttp2_session_callbacks_set_on_frame_recv_callback(callbacks, on_frame);
    nghttp2_session_callbacks_set_on_stream_close_callback(callbacks, on_close);
    nghttp2_option* option = nullptr;
    nghttp2_option_new(&option);
    nghttp2_option_set_no_auto_window_update(option, reading ? 0 : 1);
    nghttp2_option_set_no_http_messaging(option, 1);  // may send what is malformed
    nghttp2_session_client_new2(&h2_, callbacks, this, option);
    nghttp2_option_del(option);
    nghttp2_session_callbacks_del(callbacks);
  }
  void receive() {
    char bytes[16384];
    ssize_t n = ::recv(fd_, bytes, sizeof bytes, 0);
    if (n <= 0)
      ended = true;
    else
      nghttp2_session_mem_recv(h2_, reinterpret_cast<uint8_t*>(bytes), static_cast<size_t>(n));
  }

  int fd_;
  nghttp2_session* h2_ = nullptr;
  std::map<int32_t, Answer> answers_;
};

}  // namespace hanse::net
