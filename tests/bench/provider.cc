#include "provider.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include "http.h"

namespace bench {
namespace {

constexpr int kTicksAnEvent = 50;  // of 10 ms: a slow stream has an event each half second
constexpr std::int64_t kTickNs = 10'000'000;

// Looks only where such a field can stand: searching 32 kB of prompt would make the provider the bottleneck.
bool asks_for_stream(std::string_view body) {
  const std::string_view front = body.substr(0, 1024);
  const std::string_view back = body.substr(body.size() - front.size());
  for (const std::string_view part : {front, back}) {
    if (part.find("\"stream\":true") != part.npos || part.find("\"stream\": true") != part.npos) return true;
  }
  return false;
}

std::string plain_response(std::string_view status, std::string_view body) {
  return "HTTP/1.1 " + std::string(status) +
         "\r\nContent-Type: application/json\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" +
         std::string(body);
}

}  // namespace

class ProviderConnection : public Source {
 public:
  ProviderConnection(Provider& provider, int fd) : Source(fd), provider_(provider) {}
  void ready(std::uint32_t events) override;
  bool send_next_event();
  void send_rest();
  int stream_id() const { return stream_id_; }

 private:
  void take(std::string_view bytes);
  std::size_t take_request(std::string_view bytes);
  void answer(const Head& head, std::string_view body);
  void start_stream(const Answers& answers, std::string_view body);
  void write(std::string_view bytes);

  Provider& provider_;
  std::string received_;  // a request that has not come whole
  std::string pending_;   // what the socket would not take
  const Answers* answers_ = nullptr;
  std::size_t next_event_ = 0;
  int stream_id_ = -1;
};

void ProviderConnection::ready(std::uint32_t events) {
  if (!pending_.empty()) {
    pending_.erase(0, send_some(fd_, pending_));
  }
  const bool open = receive(fd_, events, [this](std::string_view bytes) { take(bytes); });
  if (!open) provider_.closed(*this);
}

void ProviderConnection::take(std::string_view bytes) {
  if (!received_.empty()) {
    received_ += bytes;
    bytes = received_;
  }
  while (!bytes.empty()) {
    const std::size_t used = take_request(bytes);
    if (used == 0) break;
    bytes.remove_prefix(used);
  }
  received_ = std::string(bytes);
}

// Answers the request that `bytes` begins with and returns its size, or 0 if it is not all there.
std::size_t ProviderConnection::take_request(std::string_view bytes) {
  const std::size_t head_end = bytes.find("\r\n\r\n");
  if (head_end == std::string_view::npos) return 0;
  const Head head = parse_head(bytes.substr(0, head_end));
  if (head.chunked) die("the provider wants requests with a Content-Length");
  const std::size_t length = head.content_length > 0 ? static_cast<std::size_t>(head.content_length) : 0;
  const std::size_t size = head_end + 4 + length;
  if (bytes.size() < size) return 0;
  answer(head, bytes.substr(head_end + 4, length));
  return size;
}

void ProviderConnection::answer(const Head& head, std::string_view body) {
  if (head.method == "GET") {
    write(plain_response("200 OK", R"({"object":"list","data":[{"id":"bench-model","object":"model"}]})"));
    return;
  }
  const bool whole =
      body.size() >= provider_.least_request_bytes_ && body.starts_with('{') && body.ends_with('}');
  const bool chat = head.path == "/v1/chat/completions";
  if (!whole || (!chat && head.path != "/v1/messages")) {
    write(plain_response(whole ? "404 Not Found" : "400 Bad Request",
                         R"({"error":{"message":"bench provider"}})"));
    return;
  }
  const Answers& answers = chat ? openai_answers() : anthropic_answers();
  if (asks_for_stream(body)) {
    start_stream(answers, body);
  } else {
    write(answers.json_response);
  }
}

void ProviderConnection::start_stream(const Answers& answers, std::string_view body) {
  if (provider_.pace_ == Pace::burst) {
    write(answers.burst_response);
    return;
  }
  answers_ = &answers;
  stream_id_ = stream_id_of(body);
  if (stream_id_ < 0) die("a paced stream's request lost its user field");
  next_event_ = 1;
  provider_.opened(*this, stream_id_);
  write(answers.stream_head + answers.chunks[0]);
}

// False when that was the last one.
bool ProviderConnection::send_next_event() {
  write(answers_->chunks[next_event_++]);
  return next_event_ < answers_->chunks.size();
}

void ProviderConnection::send_rest() {
  std::string rest;
  while (next_event_ < answers_->chunks.size()) rest += answers_->chunks[next_event_++];
  write(rest);
}

void ProviderConnection::write(std::string_view bytes) {
  const std::size_t sent = pending_.empty() ? send_some(fd_, bytes) : 0;
  pending_ += bytes.substr(sent);
}

Provider::Provider(Loop& loop, int port, Pace pace, std::size_t least_request_bytes)
    : Source(listen_on(port)), loop_(loop), pace_(pace), least_request_bytes_(least_request_bytes) {
  loop_.add(*this);
}

Provider::~Provider() = default;

void Provider::ready(std::uint32_t) {
  for (;;) {
    const int fd = accept4(fd_, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (fd < 0) return;
    const int on = 1;
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    auto connection = std::make_unique<ProviderConnection>(*this, fd);
    loop_.add(*connection);
    connections_.emplace(connection.get(), std::move(connection));
  }
}

void Provider::grant(int stream_id) {
  const auto found = streams_.find(stream_id);
  if (found == streams_.end()) return;  // that was its last event
  ProviderConnection& connection = *found->second;
  if (!connection.send_next_event()) ended(connection);
}

void Provider::tick() {
  if (now_ns() - last_tick_ns_ < kTickNs) return;
  last_tick_ns_ = now_ns();
  ++ticks_;
  std::vector<ProviderConnection*> due;
  for (const auto& [id, connection] : streams_) {
    if (id % kTicksAnEvent == ticks_ % kTicksAnEvent) due.push_back(connection);
  }
  for (ProviderConnection* connection : due) {
    if (!connection->send_next_event()) ended(*connection);
  }
}

void Provider::finish_streams() {
  for (const auto& [id, connection] : streams_) connection->send_rest();
  streams_.clear();
}

void Provider::opened(ProviderConnection& connection, int stream_id) {
  if (!streams_.emplace(stream_id, &connection).second) die("two streams with one user field");
}

void Provider::ended(ProviderConnection& connection) { streams_.erase(connection.stream_id()); }

void Provider::closed(ProviderConnection& connection) {
  const auto stream = streams_.find(connection.stream_id());
  if (stream != streams_.end() && stream->second == &connection) streams_.erase(stream);
  const auto found = connections_.find(&connection);
  loop_.retire(std::move(found->second));
  connections_.erase(found);
}

}  // namespace bench
