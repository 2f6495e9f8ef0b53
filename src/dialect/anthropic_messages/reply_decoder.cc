// A provider's answer as events: a stream event by event, a whole body at its end. Events, blocks and deltas
// that are not known are stepped over, because the vendor promises more of them.
#include <charconv>

#include "base/bytes.h"
#include "dialect/anthropic_messages/wire.h"
#include "dialect/frame/sse.h"

namespace hanse::anthropic_messages {
namespace {

constexpr int kDepthMax = 64;
constexpr std::string_view kTwoCharacterEscapes = "\"\\/bfnrt";
constexpr size_t kOpenBlocksMax = 32;  // one, by the rules of the dialect

Failed malformed(std::string message) { return fail(Code::malformed_reply, std::move(message)); }

enum class DeltaKind : uint8_t { text, input, thinking };
struct DeltaForm {
  std::string_view begin;
  DeltaKind kind;
};
constexpr std::string_view kDeltaBegin = R"({"type":"content_block_delta","index":)";
constexpr DeltaForm kDeltaForms[] = {
    {R"(,"delta":{"type":"text_delta","text":")", DeltaKind::text},
    {R"(,"delta":{"type":"input_json_delta","partial_json":")", DeltaKind::input},
    {R"(,"delta":{"type":"thinking_delta","thinking":")", DeltaKind::thinking},
};

// The closing quote of a string of ASCII whose escapes are of two characters; kNotFound for any other.
size_t end_of_plain_string(std::string_view text, size_t at) {
  for (; at < text.size(); ++at) {
    auto c = static_cast<unsigned char>(text[at]);
    if (c == '"') return at;
    if (c == '\\') {
      if (++at >= text.size() || kTwoCharacterEscapes.find(text[at]) == kNotFound) return kNotFound;
    } else if (c < ' ' || c >= 0x80) {
      return kNotFound;
    }
  }
  return kNotFound;
}

// Two braces and perhaps the padding that the vendor puts between them.
bool closes(std::string_view rest) {
  if (!rest.starts_with('}') || !rest.ends_with('}')) return false;
  return rest.size() >= 2 && rest.substr(1, rest.size() - 2).find_first_not_of(' ') == kNotFound;
}

// A tool's input, which is JSON, as the inside of a JSON string.
void send_input(uint32_t call, std::string_view input, std::string& escaped, canon::EventSink& sink) {
  escaped.clear();
  json::escape(input, escaped);
  sink.on(canon::ToolCallDelta{call, {escaped}});
}

class StreamDecoder final : public ReplyDecoder {
 public:
  Result<void> feed(std::string_view bytes, canon::EventSink& sink) override {
    return parser_.feed(bytes, [&](sse::Event event) { return on_event(event, sink); });
  }

  Result<void> finish(canon::EventSink& sink) override {
    TRY_VOID(parser_.finish([&](sse::Event event) { return on_event(event, sink); }));
    if (done_) return {};
    if (!reason_seen_) return malformed("the provider's stream ended before the answer was whole");
    stop(sink);
    return {};
  }

 private:
  struct Block {
    int64_t index = -1;
    bool is_call = false;
    uint32_t call = 0;
    std::string input;  // given with the start of the block, for the case that no delta follows
  };

  Result<void> on_event(sse::Event event, canon::EventSink& sink) {
    if (done_ || event.name == "ping" || plain_delta(event.data, sink)) return {};
    auto root = document_.parse(event.data, kDepthMax);
    if (!root || !root->is_object()) return malformed("an event of the provider is not a JSON object");
    std::string_view name = (*root)["type"].text().escaped;
    if (name.empty()) name = event.name;
    if (name == "content_block_delta")
      delta((*root)["index"], (*root)["delta"], sink);
    else if (name == "content_block_start")
      block_start((*root)["index"], (*root)["content_block"], sink);
    else if (name == "content_block_stop")
      block_stop((*root)["index"], sink);
    else if (name == "message_start")
      message_start((*root)["message"], sink);
    else if (name == "message_delta")
      message_delta(*root, sink);
    else if (name == "message_stop")
      stop(sink);
    else if (name == "error")
      failure(*root, sink);
    return {};
  }

  // A delta just as the vendor spells it and all in ASCII, which is nearly every event: read without the
  // parser. Anything else is left to it.
  bool plain_delta(std::string_view data, canon::EventSink& sink) {
    size_t at = kDeltaBegin.size();
    if (!data.starts_with(kDeltaBegin)) return false;
    int64_t index = 0;
    auto [digits_end, e] = std::from_chars(data.data() + at, data.data() + data.size(), index);
    if (e != std::errc()) return false;
    at = static_cast<size_t>(digits_end - data.data());
    for (const auto& form : kDeltaForms) {
      if (!data.substr(at).starts_with(form.begin)) continue;
      at += form.begin.size();
      size_t end = end_of_plain_string(data, at);
      if (end == kNotFound || !closes(data.substr(end + 1))) return false;
      canon::Text text{data.substr(at, end - at)};
      if (text.empty()) return true;
      if (form.kind == DeltaKind::text)
        sink.on(canon::TextDelta{text});
      else if (form.kind == DeltaKind::thinking)
        sink.on(canon::ReasoningDelta{text});
      else
        input(block_of(index), text, sink);
      return true;
    }
    return false;
  }

  void message_start(json::Value message, canon::EventSink& sink) {
    sink.on(canon::Start{message["id"].text(), message["model"].text(), 0});
    update_usage(usage_, message["usage"]);
    if (usage_.known()) sink.on(usage_);
  }

  // The open block; the newest is nearly always the one.
  Block* block_of(int64_t index) {
    for (size_t i = blocks_.size(); i-- > 0;)
      if (blocks_[i].index == index) return &blocks_[i];
    return nullptr;
  }
  Block* block_of(json::Value index) { return block_of(index.integer().value_or(-1)); }

  void block_start(json::Value index, json::Value block, canon::EventSink& sink) {
    std::string_view type = block["type"].text().escaped;
    Block opened{index.integer().value_or(-1), type == "tool_use", 0, {}};
    if (type == "text") {
      text(block["text"], sink);
    } else if (type == "thinking") {
      thought(block["thinking"], sink);
      signature(block["signature"], sink);
    } else if (type == "redacted_thinking") {
      sink.on(canon::RedactedReasoning{block["data"].text()});
    } else if (opened.is_call) {
      opened.call = calls_++;
      sink.on(canon::ToolCallStart{opened.call, block["id"].text(), block["name"].text()});
      if (block["input"].is_object() && block["input"].size() > 0) opened.input = block["input"].raw().json;
    }
    if (blocks_.size() == kOpenBlocksMax) blocks_.erase(blocks_.begin());
    blocks_.push_back(std::move(opened));
  }

  void delta(json::Value index, json::Value delta, canon::EventSink& sink) {
    std::string_view type = delta["type"].text().escaped;
    if (type == "text_delta") {
      text(delta["text"], sink);
    } else if (type == "input_json_delta") {
      input(block_of(index), delta["partial_json"].text(), sink);
    } else if (type == "thinking_delta") {
      thought(delta["thinking"], sink);
    } else if (type == "signature_delta") {
      signature(delta["signature"], sink);
    }
  }

  static void input(Block* block, canon::Text fragment, canon::EventSink& sink) {
    if (!block || !block->is_call || fragment.empty()) return;
    block->input.clear();
    sink.on(canon::ToolCallDelta{block->call, fragment});
  }

  void block_stop(json::Value index, canon::EventSink& sink) {
    Block* block = block_of(index);
    if (!block) return;
    if (!block->input.empty()) send_input(block->call, block->input, escaped_, sink);
    blocks_.erase(blocks_.begin() + (block - blocks_.data()));
  }

  static void text(json::Value value, canon::EventSink& sink) {
    if (!value.text().empty()) sink.on(canon::TextDelta{value.text()});
  }
  static void thought(json::Value value, canon::EventSink& sink) {
    if (!value.text().empty()) sink.on(canon::ReasoningDelta{value.text()});
  }
  static void signature(json::Value value, canon::EventSink& sink) {
    if (!value.text().empty()) sink.on(canon::ReasoningSignature{value.text()});
  }

  void message_delta(json::Value root, canon::EventSink& sink) {
    json::Value change = root["delta"];
    if (change["stop_reason"].is_string()) {
      reason_seen_ = true;
      canon::Stop stop = stop_of(change["stop_reason"], change["stop_sequence"]);
      reason_ = stop.reason;
      sequence_ = stop.sequence.escaped;
      original_ = stop.original.escaped;
    }
    if (!root["usage"].is_object()) return;
    update_usage(usage_, root["usage"]);
    sink.on(usage_);
  }

  void stop(canon::EventSink& sink) {
    done_ = true;
    sink.on(canon::Stop{reason_, {sequence_}, {original_}});
  }

  void failure(json::Value root, canon::EventSink& sink) {
    done_ = true;
    sink.on(canon::Failure{error_of_event(root)});
  }

  sse::Parser parser_;
  json::Document document_;
  std::vector<Block> blocks_;
  uint32_t calls_ = 0;
  canon::Usage usage_;
  bool reason_seen_ = false;
  canon::StopReason reason_ = canon::StopReason::end;
  std::string sequence_, original_, escaped_;
  bool done_ = false;
};

class BodyDecoder final : public ReplyDecoder {
 public:
  Result<void> feed(std::string_view bytes, canon::EventSink&) override {
    body_.append(bytes);
    return {};
  }

  Result<void> finish(canon::EventSink& sink) override {
    json::Document document;
    auto parsed = document.parse(body_, kDepthMax);
    if (!parsed) return malformed("the provider's answer is " + parsed.error().message);
    json::Value root = *parsed;
    if (root["type"].text().escaped == "error") {
      sink.on(canon::Failure{error_of_event(root)});
      return {};
    }
    if (!root["content"].is_array()) return malformed("the provider's answer is not a message");
    sink.on(canon::Start{root["id"].text(), root["model"].text(), 0});
    for (json::Value each : root["content"]) block(each, sink);
    canon::Usage usage;
    update_usage(usage, root["usage"]);
    if (usage.known()) sink.on(usage);
    canon::Stop stop = stop_of(root["stop_reason"], root["stop_sequence"]);
    if (!root["stop_reason"].is_string()) stop.reason = canon::StopReason::end;
    sink.on(stop);
    return {};
  }

 private:
  void block(json::Value block, canon::EventSink& sink) {
    std::string_view type = block["type"].text().escaped;
    if (type == "text") {
      if (!block["text"].text().empty()) sink.on(canon::TextDelta{block["text"].text()});
    } else if (type == "thinking") {
      if (!block["thinking"].text().empty()) sink.on(canon::ReasoningDelta{block["thinking"].text()});
      if (!block["signature"].text().empty()) sink.on(canon::ReasoningSignature{block["signature"].text()});
    } else if (type == "redacted_thinking") {
      sink.on(canon::RedactedReasoning{block["data"].text()});
    } else if (type == "tool_use") {
      sink.on(canon::ToolCallStart{calls_, block["id"].text(), block["name"].text()});
      if (block["input"].is_object()) send_input(calls_, block["input"].raw().json, escaped_, sink);
      ++calls_;
    }
  }

  std::string body_, escaped_;
  uint32_t calls_ = 0;
};

}  // namespace

std::unique_ptr<ReplyDecoder> make_reply_decoder(bool stream) {
  if (stream) return std::make_unique<StreamDecoder>();
  return std::make_unique<BodyDecoder>();
}

}  // namespace hanse::anthropic_messages
