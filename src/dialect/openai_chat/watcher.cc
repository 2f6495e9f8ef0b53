// Looks at answers that pass through. Searches for the few marks that matter; parses only what it found.
//
// Inside a JSON string every quote is escaped, so bytes like `"usage":{` or `"error":` preceded by a bare
// quote can't be text of the model: they are keys.
#include "base/bytes.h"
#include "dialect/openai_chat/wire.h"

namespace hanse::openai_chat {
namespace {

// Each event must be data (or another field of SSE): HTML and the like are not a stream.
bool looks_like_sse(std::string_view bytes) {
  size_t at = bytes.find_first_not_of("\r\n");
  if (at == std::string_view::npos) return true;
  std::string_view line = bytes.substr(at);
  for (std::string_view field : {"data:", ":", "event:", "id:", "retry:", "\xEF\xBB\xBF"})
    if (line.starts_with(field)) return true;
  return false;
}

class StreamWatcher final : public ReplyWatcher {
 public:
  Result<void> feed(std::string_view bytes) override {
    if (bytes.empty()) return {};
    if (!looks_like_sse(bytes))
      return fail(Code::malformed_reply, "the provider's stream is not server-sent events");
    if (!content_seen) content_seen = find_bytes(bytes, "\"delta\":{") != kNotFound;
    // What matters ends a stream: finish reason, usage, [DONE], an error. So the last events of each read are
    // looked at, from the end, and the many before them are not.
    constexpr int kEventsSeen = 6;
    usage_read_ = false;
    while (bytes.ends_with('\n') || bytes.ends_with('\r')) bytes.remove_suffix(1);
    for (int i = 0; i < kEventsSeen && !bytes.empty(); ++i) {
      size_t line = bytes.find_last_of('\n');
      look_at(line == std::string_view::npos ? bytes : bytes.substr(line + 1));
      bytes = bytes.substr(0, line == std::string_view::npos ? 0 : line);
      while (bytes.ends_with('\n') || bytes.ends_with('\r')) bytes.remove_suffix(1);
    }
    return {};
  }

 private:
  void look_at(std::string_view line) {
    if (!line.starts_with("data:")) return;
    std::string_view data = line.substr(
        line.find_first_not_of(' ', 5) == std::string_view::npos ? 5 : line.find_first_not_of(' ', 5));
    if (data.starts_with("[DONE]")) ended = true;
    if (data.starts_with("{\"error\"")) failed = true;
    if (find_bytes(data, "\"finish_reason\":\"") != kNotFound ||
        find_bytes(data, "\"finish_reason\": \"") != kNotFound)
      ended = true;
    if (usage_read_ || find_bytes(data, "\"usage\":") == kNotFound) return;  // the last one is met first
    auto root = json::scratch().parse(data, 64, json::Check::structure);
    if (!root || !(*root)["usage"].is_object()) return;
    usage.update(read_usage((*root)["usage"]));
    usage_read_ = true;
  }

  bool usage_read_ = false;  // in this feed
};

class WholeWatcher final : public ReplyWatcher {
 public:
  Result<void> feed(std::string_view bytes) override {
    // Most bodies come in one piece; only the others are gathered, and only up to a bound.
    std::string_view all = bytes;
    if (!held_.empty()) all = held_.append(bytes);
    content_seen = true;
    auto root = json::scratch().parse(all, 128, json::Check::structure);
    if (!root) {
      if (held_.empty()) held_.assign(bytes);
      ended = held_.size() > kHeldMax;  // too large to judge: passed on as it is
      return {};
    }
    ended = root->is_object();
    usage.update(read_usage((*root)["usage"]));
    return {};
  }

 private:
  static constexpr size_t kHeldMax = 8 * 1024 * 1024;
  std::string held_;
};

}  // namespace

std::unique_ptr<ReplyWatcher> make_watcher(bool stream) {
  if (stream) return std::make_unique<StreamWatcher>();
  return std::make_unique<WholeWatcher>();
}

}  // namespace hanse::openai_chat
