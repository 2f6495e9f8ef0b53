// Answers that pass through untouched: searched for the few marks that matter, and parsed only where one is.
//
// Inside a JSON string each quote carries a backslash, so `"finishReason":` with bare quotes is a key and
// never the model's text; whether it is the answer's own or one of a function's arguments, a parser says.
#include "base/bytes.h"
#include "dialect/body_watcher.h"
#include "dialect/frame/json_array.h"
#include "dialect/frame/sse.h"
#include "dialect/google_gemini/chunk_form.h"
#include "dialect/google_gemini/wire.h"

namespace hanse::google_gemini {
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

bool is_said(std::string_view value) { return !value.starts_with("null"); }

bool has_content(std::string_view bytes) {
  auto is_text = [](std::string_view value) {
    return value.size() > 1 && value[0] == '"' && value[1] != '"';
  };
  if (any_behind(bytes, "\"text\":", is_text)) return true;
  for (std::string_view mark : {"\"functionCall\":", "\"inlineData\":", "\"executableCode\":"})
    if (find_bytes(bytes, mark) != kNotFound) return true;
  return false;
}

// What one chunk, or a whole answer, says of these.
struct Verdict {
  bool ended = false, failed = false, content = false;

  void read(json::Value root) {
    failed = failed || root["error"].present() || !is_answer(root);
    for (json::Value each : root["candidates"]) {
      std::string_view reason = each["finishReason"].text().escaped;
      const bool first = each["index"].integer().value_or(0) == 0;
      ended = ended || (first && !reason.empty() && reason != "FINISH_REASON_UNSPECIFIED");
      content = content || each["content"]["parts"].size() > 0;
    }
    ended = ended || !block_reason(root).empty();
  }
};

class StreamWatcher final : public ReplyWatcher {
 public:
  Result<void> feed(std::string_view bytes) override {
    if (frame_ == Frame::unknown) {
      size_t at = bytes.find_first_not_of("\r\n\t \xEF\xBB\xBF");
      if (at == std::string_view::npos) return {};
      bytes.remove_prefix(at);
      frame_ = bytes.front() == '[' ? Frame::array : Frame::events;
    }
    if (frame_ == Frame::events) return events(bytes);
    return array_.feed(bytes, [&](std::string_view chunk) -> Result<void> {
      auto root = document_.parse(chunk, kDepthMax, json::Check::structure);
      if (!root) return fail(Code::malformed_reply, "an element of the provider's stream is no JSON");
      read(*root);
      update_usage(usage, (*root)["usageMetadata"]);
      return {};
    });
  }

 private:
  enum class Frame : uint8_t { unknown, events, array };

  Result<void> events(std::string_view bytes) {
    if (content_seen && form_.match(data_of(bytes), usage)) return {};
    if (!is_field(bytes))
      return fail(Code::malformed_reply, "the provider's stream is not server-sent events");
    if (!content_seen) content_seen = has_content(bytes);
    if (!ended) look_for(bytes, "\"finishReason\":");
    if (!ended) look_for(bytes, "\"promptFeedback\":");
    if (!failed) look_for(bytes, "\"error\":");
    read_usage(bytes);
    const std::string_view lines = bytes.substr(0, bytes.find_last_not_of("\r\n") + 1);
    if (is_cut_object(line_around(lines, lines.size())))
      return fail(Code::malformed_reply, "a chunk of the provider is not a JSON object");
    return {};
  }

  static bool is_field(std::string_view bytes) {
    if (bytes.starts_with("data:")) return true;
    size_t at = bytes.find_first_not_of("\r\n");
    if (at == std::string_view::npos) return true;
    for (std::string_view field : {"data:", ":", "event:", "id:", "retry:"})
      if (bytes.substr(at).starts_with(field)) return true;
    return false;
  }

  // Lines end in LF, CRLF or CR.
  static size_t end_of_line(std::string_view bytes, size_t from) {
    const size_t end = std::min(find_byte(bytes, '\n', from), bytes.size());
    return std::min(find_byte(bytes.substr(0, end), '\r', from), end);
  }

  // The line around a place, without the field's name.
  static std::string_view line_around(std::string_view bytes, size_t at) {
    const size_t before = last_line_end(bytes.substr(0, at)), begin = before == kNotFound ? 0 : before + 1;
    std::string_view line = bytes.substr(begin, end_of_line(bytes, at) - begin);
    constexpr std::string_view kData = "data:";
    if (!line.starts_with(kData)) return {};
    line.remove_prefix(kData.size());
    return line.starts_with(' ') ? line.substr(1) : line;
  }

  void look_for(std::string_view bytes, std::string_view mark) {
    any_behind(bytes, mark, [&](std::string_view value) {
      if (!is_said(value)) return false;
      read_line(line_around(bytes, static_cast<size_t>(value.data() - bytes.data())));
      return ended && failed;
    });
  }

  void read_line(std::string_view line) {
    auto root = document_.parse(line, kDepthMax, json::Check::structure);
    if (root && root->is_object())
      read(*root);
    else
      failed = true;
  }

  void read(json::Value root) {
    Verdict verdict{ended, failed, content_seen};
    verdict.read(root);
    ended = verdict.ended;
    failed = verdict.failed;
    content_seen = verdict.content;
  }

  // The data of one event as the vendor writes it, which is nearly every one.
  static std::string_view data_of(std::string_view bytes) {
    constexpr std::string_view kData = "data: ", kEnd = "\r\n\r\n";
    if (!bytes.starts_with(kData) || !bytes.ends_with(kEnd)) return {};
    return bytes.substr(kData.size(), bytes.size() - kData.size() - kEnd.size());
  }

  // Counts are cumulative: the last are enough.
  void read_usage(std::string_view bytes) {
    const size_t at = find_bytes_last(bytes, "\"usageMetadata\":");
    if (at == kNotFound) return;
    std::string_view line = line_around(bytes, at);
    auto root = document_.parse(line, kDepthMax, json::Check::structure);
    if (!root) return;
    update_usage(usage, (*root)["usageMetadata"]);
    form_.learn(line, *root);
  }

  Frame frame_ = Frame::unknown;
  json_array::Parser array_;
  json::Document document_;
  ChunkForm form_;
};

class WholeWatcher final : public BodyWatcher {
  bool judge(json::Value root) override {
    json::Value found = root["usageMetadata"];
    if (found.is_object()) read_usage(found);
    Verdict verdict;
    verdict.read(root);
    // Real servers' answers hold surprises, so any object may pass; one without an answer in it has failed.
    failed = verdict.failed || (root["candidates"].size() == 0 && !verdict.ended);
    return true;
  }
  std::string_view usage_key() const override { return "usageMetadata"; }
  void read_usage(json::Value wire) override { update_usage(usage, wire); }
};

// A body is one object, or, of a stream without events, the array of its chunks.
class EitherWatcher final : public ReplyWatcher {
 public:
  Result<void> feed(std::string_view bytes) override {
    const size_t first = bytes.find_first_not_of("\r\n\t ");
    if (!watcher_ && first == std::string_view::npos) return {};
    if (!watcher_) {
      if (bytes[first] == '[')
        watcher_ = std::make_unique<StreamWatcher>();
      else
        watcher_ = std::make_unique<WholeWatcher>();
    }
    auto good = watcher_->feed(bytes);
    usage = watcher_->usage;
    content_seen = watcher_->content_seen;
    ended = watcher_->ended;
    failed = watcher_->failed;
    return good;
  }

 private:
  std::unique_ptr<ReplyWatcher> watcher_;
};

}  // namespace

std::unique_ptr<ReplyWatcher> make_reply_watcher(bool stream) {
  if (stream) return std::make_unique<StreamWatcher>();
  return std::make_unique<EitherWatcher>();
}

}  // namespace hanse::google_gemini
