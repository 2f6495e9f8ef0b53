#include "observe/access_log.h"

#include "base/clock.h"
#include "base/json.h"

namespace hanse::observe {
namespace {

// "2026-11-23T10:20:30.123Z": the seconds part is made once a second and thread.
void append_time(std::string& out) {
  thread_local int64_t second = -1;
  thread_local std::string text;
  auto now = std::chrono::system_clock::now();
  auto ms = std::chrono::duration_cast<milliseconds>(now.time_since_epoch()).count();
  if (ms / 1000 != second) {
    second = ms / 1000;
    text = wall_time_rfc3339(now);
  }
  auto rest = static_cast<int>(ms % 1000);
  out.append(text, 0, 20);
  out += static_cast<char>('0' + rest / 100);
  out += static_cast<char>('0' + rest / 10 % 10);
  out += static_cast<char>('0' + rest % 10);
  out += 'Z';
}

// Cut at a bound, so that no client writes our log full.
void put(json::Writer& w, std::string_view key, std::string_view value) {
  if (!value.empty()) w.key(key).string(value.substr(0, 256));
}

}  // namespace

void AccessLog::add(const AccessRecord& r) {
  if (!writer_) return;
  batch_.append("{\"time\":\"");
  append_time(batch_);
  batch_.append("\",\"request_id\":\"");
  json::escape(r.request_id, batch_);
  batch_.append("\",");
  json::Writer w(batch_);
  put(w, "method", r.method);
  put(w, "path", r.path);
  put(w, "dialect", r.dialect);
  put(w, "client", r.client);
  put(w, "model", r.model_asked);
  put(w, "offer", r.offer);
  w.key("http").number(r.http_version).key("status").number(r.status);
  put(w, "error", r.error);
  if (r.stream) w.key("stream").boolean(true);
  w.key("attempts").number(r.attempts).key("bytes_in").number(static_cast<int64_t>(r.bytes_in));
  w.key("bytes_out").number(static_cast<int64_t>(r.bytes_out));
  if (r.usage.known()) {
    w.key("input_tokens").number(r.usage.input()).key("output_tokens").number(r.usage.output());
    if (r.usage.cache_read > 0) w.key("cache_read_tokens").number(r.usage.cache_read);
    if (r.usage.reasoning_out > 0) w.key("reasoning_tokens").number(r.usage.reasoning_out);
    if (r.usage.estimated) w.key("usage_estimated").boolean(true);
  }
  if (r.first_token_us >= 0) w.key("ttft_us").number(r.first_token_us);
  w.key("duration_us").number(r.duration_us);
  batch_.append("}\n");
  ++lines_;
  if (batch_.size() >= kBatchBytes) flush();
}

void AccessLog::flush() {
  if (!writer_ || lines_ == 0) return;
  std::string batch;
  batch.reserve(kBatchBytes + 1024);
  batch.swap(batch_);
  writer_->take(std::move(batch), std::exchange(lines_, 0));
}

}  // namespace hanse::observe
