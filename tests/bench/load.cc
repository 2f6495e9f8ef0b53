#include "load.h"

#include <algorithm>

namespace bench {
namespace {

std::size_t count_of(std::string_view needle, std::string_view bytes) {
  std::size_t count = 0;
  for (std::size_t at = bytes.find(needle); at != bytes.npos; at = bytes.find(needle, at + needle.size()))
    ++count;
  return count;
}

}  // namespace

Client::Client(Loop& loop, const Plan& plan, ClientWatcher& watcher, int id)
    : loop_(loop),
      plan_(plan),
      watcher_(watcher),
      expected_(openai_answers()),
      expected_body_(plan.what.stream ? expected_.stream_body : expected_.json_body),
      id_(id),
      request_(chat_request(plan.what, plan.model, plan.port, id)) {}

void Client::start() {
  if (fd_ < 0) {
    fd_ = connect_to(plan_.port);
    loop_.add(*this);
  }
  busy_ = true;
  sent_ = 0;
  head_.clear();
  head_done_ = false;
  got_ = 0;
  events_ = 0;
  translated_.clear();
  send_rest();
}

void Client::send_rest() { sent_ += send_some(fd_, std::string_view(request_).substr(sent_)); }

void Client::ready(std::uint32_t events) {
  if (busy_ && sent_ < request_.size()) send_rest();
  const bool open = receive(fd_, events, [this](std::string_view bytes) { take(bytes); });
  if (!open)
    wrong(busy_ ? "closed the connection before its answer was whole" : "closed a kept-alive connection");
}

void Client::take(std::string_view bytes) {
  if (!busy_) wrong("sent bytes nobody asked for: " + std::string(bytes.substr(0, 200)));
  if (!head_done_ && !take_head(bytes)) return;
  decoder_.feed(bytes, [this](std::string_view piece) { take_body(piece); });
  if (plan_.what.stream && plan_.what.pace != Pace::burst) count_events();
  if (decoder_.complete()) finish();
}

// False while the head is not whole; else `bytes` is what follows it.
bool Client::take_head(std::string_view& bytes) {
  const std::size_t before = head_.size();
  head_ += bytes.substr(0, 16 * 1024);
  const std::size_t end = head_.find("\r\n\r\n");
  if (end == std::string::npos) return false;
  const Head head = parse_head(std::string_view(head_).substr(0, end));
  if (head.status != 200) wrong("answered: " + head_.substr(0, 600));
  decoder_.start(head);
  head_done_ = true;
  bytes.remove_prefix(end + 4 - before);
  return true;
}

void Client::take_body(std::string_view piece) {
  if (plan_.translated) {
    translated_ += piece;
  } else if (!std::string_view(expected_body_).substr(got_).starts_with(piece)) {
    wrong_bytes(piece);
  }
  got_ += piece.size();
}

void Client::wrong_bytes(std::string_view piece) const {
  std::size_t at = 0;
  while (at < piece.size() && got_ + at < expected_body_.size() && piece[at] == expected_body_[got_ + at])
    ++at;
  const std::size_t from = at < 20 ? 0 : at - 20;  // some bytes before, to see where it is
  const std::string expected =
      got_ + from < expected_body_.size() ? expected_body_.substr(got_ + from, 100) : "";
  wrong("changed the answer at byte " + std::to_string(got_ + at) + ": '" +
        std::string(piece.substr(from, 100)) + "' instead of '" + expected + "'");
}

void Client::count_events() {
  const auto& ends = expected_.event_ends;
  while (events_ < ends.size() && ends[events_] <= got_) {
    ++events_;
    watcher_.event_arrived(*this);
  }
}

void Client::finish() {
  if (plan_.translated) {
    check_translated();
  } else if (got_ != expected_body_.size()) {
    wrong("sent " + std::to_string(got_) + " bytes instead of " + std::to_string(expected_body_.size()));
  }
  busy_ = false;
  watcher_.answered(*this);
}

void Client::check_translated() const {
  if (!plan_.what.stream) {
    const bool whole = translated_.starts_with('{') && translated_.ends_with('}') && got_ > kAnswerBytes / 2;
    if (!whole || translated_.find("\"choices\"") == std::string::npos)
      wrong("translated into: " + translated_);
    return;
  }
  if (!translated_.ends_with("data: [DONE]\n\n"))
    wrong("ended its stream with: " + translated_.substr(got_ - 200));
  const std::size_t deltas = count_of(kDeltaMark, translated_);
  const std::size_t events = count_of("\n\n", translated_);
  if (deltas != kDeltas || events < kDeltas) {
    wrong("translated " + std::to_string(deltas) + " deltas into " + std::to_string(events) + " events");
  }
}

void Client::wrong(const std::string& why) const {
  die(plan_.server + ", " + std::string(plan_.what.name) + ": " + why);
}

}  // namespace bench
