#include "observe/access_log.h"

#include <charconv>
#include <cstring>

#include "base/bytes.h"
#include "base/clock.h"
#include "base/json.h"

namespace hanse::observe {
namespace {

constexpr size_t kValueBytesMax = 256;  // so that no client writes our log full
constexpr size_t kEscapedMax = 6;       // what one byte may become
constexpr size_t kRestBytesMax = 768;   // keys, time and numbers

// "2026-11-23T10:20:30.": made once a second and thread; the milliseconds are put behind it.
std::string_view time_to_the_second(std::chrono::system_clock::time_point now, int64_t ms) {
  thread_local int64_t second = -1;
  thread_local std::string text;
  if (ms / 1000 != second) {
    second = ms / 1000;
    text = wall_time_rfc3339(now).substr(0, 20);
  }
  return text;
}

// Writes a line into room that is known to be enough.
class Line {
 public:
  explicit Line(char* at) : at_(at) {}
  char* end() const { return at_; }

  void raw(std::string_view text) {
    std::memcpy(at_, text.data(), text.size());
    at_ += text.size();
  }
  void number(std::string_view key, int64_t n) {
    raw(key);
    at_ = std::to_chars(at_, at_ + 20, n).ptr;
  }
  // Left out when empty.
  void text(std::string_view key, std::string_view value) {
    if (value.empty()) return;
    raw(key);
    value = value.substr(0, kValueBytesMax);
    if (json::is_plain(value)) {
      raw(value);
    } else {
      std::string escaped;
      json::escape(value, escaped);
      raw(escaped);
    }
    raw("\"");
  }
  void time() {
    auto now = std::chrono::system_clock::now();
    auto ms = std::chrono::duration_cast<milliseconds>(now.time_since_epoch()).count();
    raw(time_to_the_second(now, ms));
    auto rest = static_cast<int>(ms % 1000);
    for (int digit : {rest / 100, rest / 10 % 10, rest % 10}) *at_++ = static_cast<char>('0' + digit);
    raw("Z\"");
  }

 private:
  char* at_;
};

void put(Line& line, const AccessRecord& r) {
  line.raw("{\"time\":\"");
  line.time();
  line.text(",\"request_id\":\"", r.request_id);
  line.text(",\"method\":\"", r.method);
  line.text(",\"path\":\"", r.path);
  line.text(",\"dialect\":\"", r.dialect);
  line.text(",\"client\":\"", r.client);
  line.text(",\"model\":\"", r.model_asked);
  line.text(",\"offer\":\"", r.offer);
  line.number(",\"http\":", r.http_version);
  line.number(",\"status\":", r.status);
  line.text(",\"error\":\"", r.error);
  if (r.stream) line.raw(",\"stream\":true");
  line.number(",\"attempts\":", r.attempts);
  if (r.rescues) line.number(",\"rescues\":", r.rescues);
  line.number(",\"bytes_in\":", static_cast<int64_t>(r.bytes_in));
  line.number(",\"bytes_out\":", static_cast<int64_t>(r.bytes_out));
  if (r.usage.known()) {
    line.number(",\"input_tokens\":", r.usage.input());
    line.number(",\"output_tokens\":", r.usage.output());
    if (r.usage.cache_read > 0) line.number(",\"cache_read_tokens\":", r.usage.cache_read);
    if (r.usage.reasoning_out > 0) line.number(",\"reasoning_tokens\":", r.usage.reasoning_out);
    if (r.usage.estimated) line.raw(",\"usage_estimated\":true");
  }
  if (r.first_token_us >= 0) line.number(",\"ttft_us\":", r.first_token_us);
  line.number(",\"duration_us\":", r.duration_us);
  line.raw("}\n");
}

}  // namespace

void AccessLog::add(const AccessRecord& r) {
  if (!writer_) return;
  size_t room = kRestBytesMax;
  for (std::string_view value :
       {r.request_id, r.method, r.path, r.dialect, r.client, r.model_asked, r.offer, r.error})
    room += std::min(value.size(), kValueBytesMax) * kEscapedMax;
  if (batch_.capacity() - batch_.size() < room) batch_.reserve(kBatchBytes + room);
  Line line(extend(batch_, room));
  put(line, r);
  batch_.resize(static_cast<size_t>(line.end() - batch_.data()));
  ++lines_;
  if (batch_.size() >= kBatchBytes) flush();
}

void AccessLog::flush() {
  if (!writer_ || lines_ == 0) return;
  writer_->take(batch_, std::exchange(lines_, 0));
}

}  // namespace hanse::observe
