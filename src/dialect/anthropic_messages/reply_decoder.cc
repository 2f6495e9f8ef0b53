// A provider's answer as events: a stream event by event, a whole body at its end. Events, blocks and deltas
// that are not known are stepped over, because the vendor promises more of them.
#include <charconv>

#include "base/bytes.h"
#include "dialect/anthropic_messages/wire.h"
#include "dialect/frame/sse.h"
#include "dialect/plain_text.h"

namespace hanse::anthropic_messages {
namespace {

constexpr int kDepthMax = 64;
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

// Two braces and perhaps the padding that the vendor puts between them.
bool closes(std::string_view rest) {
  if (!rest.starts_with('}') || !rest.ends_with('}')) return false;
  return rest.size() >= 2 && rest.substr(1, rest.size() - 2).find_first_not_of(' ') == kNotFound;
}

Failed odd(std::string_view what) {
  return malformed("the provider's answer has a wrong type in its " + std::string(what));
}

// Absent and null are empty.
Result<canon::Text> text_in(json::Value object, std::string_view key) {
  json::Value value = object[key];
  if (value.present() && !value.is_string()) return odd(key);
  return value.text();
}

// What a block of this type, or a delta of it, says. Types that are not known say nothing here.
Result<void> tell(std::string_view type, json::Value from, canon::EventSink& sink) {
  if (type == "text") {
    TRY(canon::Text text, text_in(from, "text"));
    if (!text.empty()) sink.on(canon::TextDelta{text});
  } else if (type == "thinking") {
    TRY(canon::Text thought, text_in(from, "thinking"));
    if (!thought.empty()) sink.on(canon::ReasoningDelta{thought, true});
    TRY(canon::Text signature, text_in(from, "signature"));
    if (!signature.empty()) sink.on(canon::ReasoningSignature{signature});
  } else if (type == "redacted_thinking") {
    TRY(canon::Text data, text_in(from, "data"));
    sink.on(canon::RedactedReasoning{data});
  }
  return {};
}

// The input that comes with the beginning of a call: an object, or nothing.
Result<json::Value> start_call(uint32_t call, json::Value block, canon::EventSink& sink) {
  TRY(canon::Text id, text_in(block, "id"));
  TRY(canon::Text name, text_in(block, "name"));
  if (name.empty()) return malformed("a tool call of the provider has no name");
  json::Value input = block["input"];
  if (input.present() && !input.is_object()) return odd("input");
  sink.on(canon::ToolCallStart{call, id, name});
  return input;
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
    if (!done_) return malformed("the provider's stream ended before the answer was whole");
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
    if (name == "error" || (name.empty() && (*root)["error"].present())) return failure(*root, sink);
    if (name == "message_start") return message_start((*root)["message"], sink);
    if (name.empty()) return malformed("an event of the provider has no type");
    if (!started_ && is_part(name)) return malformed("the provider's stream begins in the middle");
    if (name == "content_block_delta") return delta((*root)["index"], (*root)["delta"], sink);
    if (name == "content_block_start") return block_start((*root)["index"], (*root)["content_block"], sink);
    if (name == "content_block_stop") return block_stop((*root)["index"], sink), Result<void>();
    if (name == "message_delta") return message_delta(*root, sink);
    if (name == "message_stop") return stop(sink);
    return {};
  }

  static bool is_part(std::string_view name) {
    return name.starts_with("content_block_") || name == "message_delta" || name == "message_stop";
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
    Block* block = block_of(index);
    if (!block) return false;
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
        sink.on(canon::ReasoningDelta{text, true});
      else
        input(*block, text, sink);
      return true;
    }
    return false;
  }

  Result<void> message_start(json::Value message, canon::EventSink& sink) {
    if (!message.is_object()) return odd("message");
    if (std::exchange(started_, true)) return malformed("the provider's stream begins twice");
    TRY(canon::Text id, text_in(message, "id"));
    TRY(canon::Text model, text_in(message, "model"));
    sink.on(canon::Start{id, model, 0});
    update_usage(usage_, message["usage"]);
    if (usage_.known()) sink.on(usage_);
    return {};
  }

  // The open block; the newest is nearly always the one.
  Block* block_of(int64_t index) {
    for (size_t i = blocks_.size(); i-- > 0;)
      if (blocks_[i].index == index) return &blocks_[i];
    return nullptr;
  }
  Block* block_of(json::Value index) { return block_of(index.integer().value_or(-1)); }

  Result<void> block_start(json::Value index, json::Value block, canon::EventSink& sink) {
    if (!index.integer() || !block.is_object()) return odd("content_block");
    std::string_view type = block["type"].text().escaped;
    Block opened{*index.integer(), type == "tool_use", 0, {}};
    if (opened.is_call) {
      opened.call = calls_++;
      TRY(json::Value input, start_call(opened.call, block, sink));
      if (input.size() > 0) opened.input = input.raw().json;
    } else {
      TRY_VOID(tell(type, block, sink));
    }
    if (blocks_.size() == kOpenBlocksMax) blocks_.erase(blocks_.begin());
    blocks_.push_back(std::move(opened));
    return {};
  }

  Result<void> delta(json::Value index, json::Value delta, canon::EventSink& sink) {
    Block* block = block_of(index);
    if (!block || !delta.is_object()) return odd("content_block_delta");
    std::string_view type = delta["type"].text().escaped;
    if (type == "text_delta") return tell("text", delta, sink);
    if (type == "thinking_delta" || type == "signature_delta") return tell("thinking", delta, sink);
    if (type != "input_json_delta") return {};
    TRY(canon::Text fragment, text_in(delta, "partial_json"));
    input(*block, fragment, sink);
    return {};
  }

  static void input(Block& block, canon::Text fragment, canon::EventSink& sink) {
    if (!block.is_call || fragment.empty()) return;
    block.input.clear();
    sink.on(canon::ToolCallDelta{block.call, fragment});
  }

  void block_stop(json::Value index, canon::EventSink& sink) {
    Block* block = block_of(index);
    if (!block) return;
    if (!block->input.empty()) send_input(block->call, block->input, escaped_, sink);
    blocks_.erase(blocks_.begin() + (block - blocks_.data()));
  }

  Result<void> message_delta(json::Value root, canon::EventSink& sink) {
    TRY(canon::Text reason, text_in(root["delta"], "stop_reason"));
    if (!reason.empty()) {
      reason_seen_ = true;
      canon::Stop stop = stop_of(reason, root["delta"]["stop_sequence"].text());
      reason_ = stop.reason;
      sequence_ = stop.sequence.escaped;
      original_ = stop.original.escaped;
    }
    if (!root["usage"].is_object()) return {};
    update_usage(usage_, root["usage"]);
    sink.on(usage_);
    return {};
  }

  Result<void> stop(canon::EventSink& sink) {
    if (!reason_seen_) return malformed("the provider's stream ends without a reason");
    for (const Block& block : blocks_)  // that nobody closed
      if (!block.input.empty()) send_input(block.call, block.input, escaped_, sink);
    done_ = true;
    sink.on(canon::Stop{reason_, {sequence_}, {original_}});
    return {};
  }

  Result<void> failure(json::Value root, canon::EventSink& sink) {
    done_ = true;
    sink.on(canon::Failure{error_of_event(root)});
    return {};
  }

  sse::Parser parser_;
  json::Document document_;
  std::vector<Block> blocks_;
  uint32_t calls_ = 0;
  canon::Usage usage_;
  bool started_ = false;
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
    std::string_view type = root["type"].text().escaped;
    if (type == "error" || root["error"].is_object()) {
      sink.on(canon::Failure{error_of_event(root)});
      return {};
    }
    if (!is_message(root)) return malformed("the provider's answer is not a message");
    TRY(canon::Text id, text_in(root, "id"));
    TRY(canon::Text model, text_in(root, "model"));
    sink.on(canon::Start{id, model, 0});
    for (json::Value each : root["content"]) TRY_VOID(block(each, sink));
    canon::Usage usage;
    update_usage(usage, root["usage"]);
    if (usage.known()) sink.on(usage);
    TRY(canon::Text reason, text_in(root, "stop_reason"));
    sink.on(reason.empty() ? canon::Stop{} : stop_of(reason, root["stop_sequence"].text()));
    return {};
  }

 private:
  Result<void> block(json::Value block, canon::EventSink& sink) {
    if (!block.is_object()) return odd("content");
    std::string_view type = block["type"].text().escaped;
    if (type != "tool_use") return tell(type, block, sink);
    TRY(json::Value input, start_call(calls_, block, sink));
    if (input.is_object()) send_input(calls_, input.raw().json, escaped_, sink);
    ++calls_;
    return {};
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
