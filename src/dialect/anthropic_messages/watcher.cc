// Answers that pass through untouched. Streams: events in the vendor's own spelling are told by their first
// line and stepped over; only the few that carry usage are parsed, and any other spelling goes the long way.
#include "base/bytes.h"
#include "dialect/anthropic_messages/wire.h"
#include "dialect/body_watcher.h"

namespace hanse::anthropic_messages {
namespace {

constexpr int kDepthMax = 64;

class StreamWatcher final : public ReplyWatcher {
 public:
  Result<void> feed(std::string_view bytes) override {
    size_t at = 0;
    while (at < bytes.size()) {
      size_t next = step_over(bytes, at);
      if (next == kNotFound) {
        next = end_of_event(bytes, at);
        TRY_VOID(any_event(bytes.substr(at, next - at)));
      }
      at = next;
    }
    return {};
  }

 private:
  static constexpr std::string_view kDelta = "event: content_block_delta\ndata: ";

  // A delta just as the vendor writes it, which is nearly every event: where the next one begins.
  size_t step_over(std::string_view bytes, size_t at) {
    if (bytes.substr(at, kDelta.size()) != kDelta) return kNotFound;
    size_t line = find_byte(bytes, '\n', at + kDelta.size());
    if (line == kNotFound || line + 1 >= bytes.size() || bytes[line + 1] != '\n') return kNotFound;
    if (bytes[at + kDelta.size()] != '{' || bytes[line - 1] != '}') return kNotFound;
    content_seen = true;
    return line + 2;
  }

  // Behind the blank line, whatever its line ends; the end of the bytes when none comes.
  static size_t end_of_event(std::string_view bytes, size_t at) {
    bool blank = false;
    for (size_t i = at; i < bytes.size(); ++i) {
      char c = bytes[i];
      if (c != '\n' && c != '\r') {
        blank = false;
        continue;
      }
      if (c == '\r' && i + 1 < bytes.size() && bytes[i + 1] == '\n') ++i;
      if (blank) return i + 1;
      blank = true;
    }
    return bytes.size();
  }

  Result<void> any_event(std::string_view event) {
    std::string_view name, line;
    data_.clear();
    bool any = false;
    while (!event.empty()) {
      size_t end = std::min(event.find_first_of("\r\n"), event.size());
      line = event.substr(0, end);
      event.remove_prefix(std::min(end + 1, event.size()));
      if (line.starts_with("\xEF\xBB\xBF")) line.remove_prefix(3);
      if (line.empty() || line.front() == ':') continue;
      if (line.starts_with("event:")) {
        name = value_of(line, 6);
      } else if (line.starts_with("data:")) {
        if (any) data_ += '\n';
        data_ += value_of(line, 5);
        any = true;
      } else if (!line.starts_with("id:") && !line.starts_with("retry:")) {
        return fail(Code::malformed_reply, "the provider's stream is not server-sent events");
      }
    }
    if (!any) return {};
    return on_event(name);
  }

  static std::string_view value_of(std::string_view line, size_t name_size) {
    line.remove_prefix(name_size);
    if (line.starts_with(' ')) line.remove_prefix(1);
    return line;
  }

  Result<void> on_event(std::string_view name) {
    content_seen = content_seen || name == "content_block_delta";
    if (is_plain(name) && data_.starts_with('{') && data_.ends_with('}')) return {};
    auto root = document_.parse(data_, kDepthMax, json::Check::structure);
    if (!root || !root->is_object())
      return fail(Code::malformed_reply, "an event of the provider is not a JSON object");
    if (name.empty()) name = (*root)["type"].text().escaped;
    content_seen = content_seen || name == "content_block_delta";
    started_ = started_ || name == "message_start";
    if (name == "message_start") update_usage(usage, (*root)["message"]["usage"]);
    if (name == "message_delta") {
      update_usage(usage, (*root)["usage"]);
      reason_seen_ = reason_seen_ || !(*root)["delta"]["stop_reason"].text().empty();
    }
    ended = ended || (started_ && reason_seen_ && name == "message_stop");
    failed = failed || name == "error" || (name.empty() && (*root)["error"].present());
    return {};
  }

  // Of those that tell nothing about how the answer ends and what it costs.
  static bool is_plain(std::string_view name) { return name.starts_with("content_block_") || name == "ping"; }

  bool started_ = false;
  bool reason_seen_ = false;
  json::Document document_;
  std::string data_;
};

class WholeWatcher final : public BodyWatcher {
  bool judge(json::Value root) override {
    read_usage(root["usage"]);
    // Real servers' answers hold surprises, so any object may pass; one that is no message has failed.
    failed = root["error"].present() || !is_message(root);
    return true;
  }
  std::string_view usage_key() const override { return "usage"; }
  void read_usage(json::Value wire) override { update_usage(usage, wire); }
};

}  // namespace

std::unique_ptr<ReplyWatcher> make_reply_watcher(bool stream) {
  if (stream) return std::make_unique<StreamWatcher>();
  return std::make_unique<WholeWatcher>();
}

}  // namespace hanse::anthropic_messages
