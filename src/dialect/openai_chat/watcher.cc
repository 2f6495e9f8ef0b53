// Answers that pass through untouched: searched for the few marks that matter, and parsed only where one is.
//
// Inside a JSON string each quote carries a backslash, so `finish_reason":` with a bare quote is a key and
// never the model's text.
#include "base/bytes.h"
#include "dialect/body_watcher.h"
#include "dialect/frame/sse.h"
#include "dialect/openai_chat/chunk_template.h"
#include "dialect/openai_chat/wire.h"

namespace hanse::openai_chat {
namespace {

constexpr int kDepthMax = 128;

// Calls `found` with what stands behind each `mark`, white space skipped, until it says true.
template <class Found>
bool any_behind(std::string_view text, std::string_view mark, Found found) {
  for (size_t at = find_bytes(text, mark); at != kNotFound; at = find_bytes(text, mark, at)) {
    at += mark.size();
    size_t value = text.find_first_not_of(' ', at);
    if (value != std::string_view::npos && found(text.substr(value))) return true;
  }
  return false;
}

// A key with a value that says something: not null, "" or [].
bool has_value(std::string_view text, std::string_view mark) {
  return any_behind(text, mark, [](std::string_view value) {
    return value.size() > 1 && ((value[0] == '"' && value[1] != '"') ||
                                (value[0] == '[' && value[1] != ']') || (value[0] == '{' && value[1] != '}'));
  });
}

class StreamWatcher final : public ReplyWatcher {
 public:
  Result<void> feed(std::string_view bytes) override {
    if (bytes.empty()) return {};
    if (!is_field(bytes))
      return fail(Code::malformed_reply, "the provider's stream is not server-sent events");
    if (!content_seen) content_seen = has_content(bytes);
    // What matters ends a stream: a finish reason, usage, [DONE], an error. So of what came at once the last
    // events are looked at, and the many before them are not.
    usage_read_ = false;
    for (int line = 0; line < kLinesSeen && !bytes.empty();) {
      size_t end = last_line_end(bytes);
      std::string_view last = end == kNotFound ? bytes : bytes.substr(end + 1);
      bytes = bytes.substr(0, end == kNotFound ? 0 : end);
      if (last.empty()) continue;
      look_at(last);
      ++line;
    }
    if (cut_) return fail(Code::malformed_reply, "an event of the provider is not a JSON object");
    return {};
  }

 private:
  static constexpr int kLinesSeen = 8;

  static bool is_field(std::string_view bytes) {
    if (bytes.starts_with("data:")) return true;
    size_t at = bytes.find_first_not_of("\r\n\xEF\xBB\xBF");
    if (at == std::string_view::npos) return true;
    for (std::string_view field : {"data:", "data\n", "data\r", ":", "event:", "id:", "retry:", "error:"})
      if (bytes.substr(at).starts_with(field)) return true;
    return false;
  }

  static bool has_content(std::string_view bytes) {
    for (std::string_view mark : {"\"content\":", "\"tool_calls\":", "\"reasoning\":", "oning_content\":",
                                  "\"refusal\":", "ction_call\":"})
      if (has_value(bytes, mark)) return true;
    return false;
  }

  void look_at(std::string_view line) {
    if (line.starts_with("\xEF\xBB\xBF")) line.remove_prefix(3);
    if (line.starts_with("error:")) failed = true;  // llama.cpp's, a field of its own
    if (!line.starts_with("data:")) return;
    line.remove_prefix(line.size() > 5 && line[5] == ' ' ? 6 : 5);
    if (line.empty() || boring_.match(line)) return;
    // The end of nothing is none. Anything else is a chunk, or no stream of this dialect at all.
    if (line.starts_with("[DONE]"))
      ended = ended || content_seen;
    else if (is_cut_object(line))
      cut_ = true;
    else if (line[std::min(line.find_first_not_of(' '), line.size() - 1)] != '{')
      failed = true;
    auto is_text = [](std::string_view value) { return value[0] == '"'; };
    auto is_object = [](std::string_view value) { return value[0] == '{'; };
    auto is_said = [](std::string_view value) { return value[0] != 'n'; };
    bool finishes = any_behind(line, "finish_reason\":", is_text);
    auto is_error = [](std::string_view value) { return value.starts_with("\"error\""); };
    bool may_fail = any_behind(line, "\"error\":", is_said) || any_behind(line, "\"object\":", is_error);
    bool may_count = !usage_read_ && any_behind(line, "\"usage\":", is_object);
    if (finishes || may_fail || may_count) [[unlikely]]
      read(line);
    else
      learn(line);
  }

  // A line that says nothing of what is looked for, nor does another with the same bytes around its text.
  void learn(std::string_view line) {
    for (std::string_view mark : {"\"content\":\"", "\"arguments\":\"", "oning_content\":\""}) {
      size_t at = find_bytes(line, mark);
      if (at == kNotFound) continue;
      std::string_view text = line.substr(at + mark.size());
      return boring_.learn(line, json::Text{text.substr(0, find_byte(text, '"', 0))});
    }
  }

  void read(std::string_view data) {
    auto root = json::scratch().parse(data, kDepthMax, json::Check::structure);
    if (!root || !root->is_object()) {
      failed = true;
      return;
    }
    if (!find_error(*root).missing()) failed = true;
    for (json::Value choice : (*root)["choices"])
      if (choice["finish_reason"].is_string() && choice["index"].integer().value_or(0) == 0) ended = true;
    json::Value found = find_usage(*root);
    if (usage_read_ || found.missing()) return;
    update_usage(usage, found);  // the last one is met first
    usage_read_ = true;
  }

  bool usage_read_ = false;  // in this feed
  bool cut_ = false;         // an event is no JSON
  ChunkTemplate boring_;
};

class WholeWatcher final : public BodyWatcher {
  bool judge(json::Value root) override {
    json::Value choices = root["choices"], found = find_usage(root);
    if (!found.missing()) read_usage(found);
    // Real servers' answers hold surprises, so any object may pass; one without an answer in it has failed.
    failed = !find_error(root).missing() || !choices.is_array() || choices.size() == 0;
    return true;
  }
  std::string_view usage_key() const override { return "usage"; }
  void read_usage(json::Value wire) override { update_usage(usage, wire); }
};

}  // namespace

std::unique_ptr<ReplyWatcher> make_watcher(bool stream) {
  if (stream) return std::make_unique<StreamWatcher>();
  return std::make_unique<WholeWatcher>();
}

}  // namespace hanse::openai_chat
