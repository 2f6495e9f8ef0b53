// A provider's answer as events: a stream frame by frame, a whole body at its end. Events, blocks and deltas
// that are not known are stepped over.
#include <charconv>

#include "base/bytes.h"
#include "dialect/aws_error.h"
#include "dialect/bedrock_converse/wire.h"
#include "dialect/frame/event_stream.h"
#include "dialect/plain_text.h"

namespace hanse::bedrock_converse {

using canon::EventSink;
using json::Text;
using json::Value;

namespace {

constexpr int kDepthMax = 128;
constexpr size_t kOpenCallsMax = 32;  // one, as the service has it

Failed malformed(std::string_view what) {
  return fail(Code::malformed_reply, "the provider's " + std::string(what));
}
Failed odd(std::string_view what) { return malformed("answer has a wrong type in its " + std::string(what)); }

// Absent and null are empty.
Result<Text> text_in(Value object, std::string_view key) {
  Value value = object[key];
  if (value.present() && !value.is_string()) return odd(key);
  return value.text();
}

// Runs at the provider, so it is no call for the client.
bool runs_there(Value tool_use) { return tool_use["type"].text().escaped == "server_tool_use"; }

Result<void> start_call(uint32_t call, Value tool_use, EventSink& sink) {
  TRY(Text id, text_in(tool_use, "toolUseId"));
  TRY(Text name, text_in(tool_use, "name"));
  if (name.empty()) return malformed("answer has a tool call without a name");
  sink.on(canon::ToolCallStart{call, id, name});
  return {};
}

// {"text","signature"} or {"redactedContent"}: of a block in a body, or of a delta.
Result<void> tell_reasoning(Value from, Arena& arena, EventSink& sink) {
  if (!from.is_object()) return odd("reasoningContent");
  TRY(Text thought, text_in(from, "text"));
  if (!thought.empty()) sink.on(canon::ReasoningDelta{thought});
  TRY(Text signature, text_in(from, "signature"));
  if (!signature.empty()) sink.on(canon::ReasoningSignature{signature});
  TRY(Text redacted, text_in(from, "redactedContent"));
  if (!redacted.empty()) sink.on(canon::RedactedReasoning{redacted_of(redacted, arena)});
  return {};
}

// The stop sequence that was met, where it was asked for (see encode_request.cc).
Text sequence_in(Value fields) {
  Text said = fields["stop_sequence"].text();
  return said.empty() ? fields["delta"]["stop_sequence"].text() : said;
}

class StreamDecoder final : public ReplyDecoder {
 public:
  Result<void> feed(std::string_view bytes, EventSink& sink) override {
    return parser_.feed(bytes, [&](const event_stream::Message& message) { return on_frame(message, sink); });
  }

  Result<void> finish(EventSink& sink) override {
    if (!done_) TRY_VOID(parser_.finish());
    if (!done_ && !stopped_) return malformed("stream ended before the answer was whole");
    if (!done_) stop(sink);
    return {};
  }

 private:
  struct Call {
    int64_t block;
    uint32_t call;
    bool said;  // anything of its arguments
  };

  Result<void> on_frame(const event_stream::Message& message, EventSink& sink) {
    if (done_) return {};
    std::string_view event = message.text(":event-type"), kind = message.text(":message-type");
    if (kind.empty() || kind == "event") return on_event(event, message.payload, sink);
    if (kind == "exception") return failure(message.text(":exception-type"), message.payload, {}, sink);
    if (kind == "error")
      return failure(message.text(":error-code"), {}, message.text(":error-message"), sink);
    return step_over();
  }

  Result<void> step_over() {
    ++unknown_events;
    return {};
  }

  Result<void> on_event(std::string_view event, std::string_view payload, EventSink& sink) {
    const bool delta_event = event == "contentBlockDelta";
    if (delta_event && started_ && plain_delta(payload, sink)) return {};
    if (!is_known(event)) return step_over();
    auto root = document_.parse(payload, kDepthMax);
    if (!root || !root->is_object()) return malformed("stream has an event that is not a JSON object");
    if (event == "messageStart") {
      if (std::exchange(started_, true)) return malformed("stream begins twice");
      sink.on(canon::Start{});
      return {};
    }
    if (!started_) return malformed("stream begins in the middle");
    if (delta_event) return delta(*root, sink);
    if (event == "contentBlockStart") return block_start(*root, sink);
    if (event == "contentBlockStop") return block_stop(*root, sink), Result<void>();
    if (event == "messageStop") return message_stop(*root);
    return metadata(*root, sink);
  }

  static bool is_known(std::string_view event) {
    return event.starts_with("contentBlockDelta") || event == "contentBlockStart" ||
           event == "contentBlockStop" || event == "messageStart" || event == "messageStop" ||
           event == "metadata";
  }

  // A text just as the service spells it, which is nearly every event: read without the parser. Anything
  // else is left to it.
  static bool plain_delta(std::string_view payload, EventSink& sink) {
    constexpr std::string_view kBegin = R"({"contentBlockIndex":)", kText = R"(,"delta":{"text":")";
    if (!payload.starts_with(kBegin)) return false;
    size_t at = kBegin.size();
    while (at < payload.size() && payload[at] >= '0' && payload[at] <= '9') ++at;
    if (at == kBegin.size() || payload.substr(at, kText.size()) != kText) return false;
    at += kText.size();
    const size_t end = end_of_plain_string(payload, at);
    if (end == kNotFound || !closes(payload.substr(end + 1))) return false;
    if (end > at) sink.on(canon::TextDelta{{payload.substr(at, end - at)}});
    return true;
  }

  // Two braces and perhaps the padding between them, with which the service hides how long a text is.
  static bool closes(std::string_view rest) {
    constexpr std::string_view kPadding = R"(},"p":")";
    if (rest == "}}") return true;
    if (!rest.starts_with(kPadding)) return false;
    const size_t end = end_of_plain_string(rest, kPadding.size());
    return end != kNotFound && rest.substr(end) == "\"}";
  }

  Result<void> block_start(Value root, EventSink& sink) {
    const Value tool_use = root["start"]["toolUse"];
    auto block = root["contentBlockIndex"].integer();
    if (!block || !root["start"].is_object()) return odd("contentBlockStart");
    if (!tool_use.present() || runs_there(tool_use)) return {};
    if (!tool_use.is_object()) return odd("toolUse");
    TRY_VOID(start_call(calls_, tool_use, sink));
    if (open_.size() == kOpenCallsMax) open_.erase(open_.begin());
    open_.push_back({*block, calls_++, false});
    return {};
  }

  Call* call_of(Value root) {
    const int64_t block = root["contentBlockIndex"].integer().value_or(-1);
    for (size_t i = open_.size(); i-- > 0;)
      if (open_[i].block == block) return &open_[i];
    return nullptr;
  }

  Result<void> delta(Value root, EventSink& sink) {
    const Value delta = root["delta"];
    if (!delta.is_object()) return odd("delta");
    for (Value member : delta) {
      const std::string_view kind = member.key().escaped;
      if (!member.present()) continue;
      if (kind == "text") {
        if (!member.is_string()) return odd("text");
        if (!member.text().empty()) sink.on(canon::TextDelta{member.text()});
      } else if (kind == "toolUse") {
        TRY(Text fragment, text_in(member, "input"));
        Call* call = call_of(root);
        if (!call || fragment.empty()) continue;  // of a tool that runs there
        call->said = true;
        sink.on(canon::ToolCallDelta{call->call, fragment});
      } else if (kind == "reasoningContent") {
        arena_.clear();
        TRY_VOID(tell_reasoning(member, arena_, sink));
      }
    }
    return {};
  }

  // Who took nothing to call gives an object all the same.
  void block_stop(Value root, EventSink& sink) {
    Call* call = call_of(root);
    if (!call) return;
    if (!call->said) sink.on(canon::ToolCallDelta{call->call, {"{}"}});
    open_.erase(open_.begin() + (call - open_.data()));
  }

  Result<void> message_stop(Value root) {
    TRY(Text reason, text_in(root, "stopReason"));
    if (reason.empty()) return malformed("stream ends without a reason");
    reason_ = reason.escaped;
    sequence_ = sequence_in(root["additionalModelResponseFields"]).escaped;
    stopped_ = true;
    return {};
  }

  // Comes last, behind the stop.
  Result<void> metadata(Value root, EventSink& sink) {
    canon::Usage usage;
    update_usage(usage, root["usage"]);
    if (usage.known()) sink.on(usage);
    if (stopped_) stop(sink);
    return {};
  }

  void stop(EventSink& sink) {
    done_ = true;
    sink.on(stop_of({reason_}, {sequence_}));
  }

  Result<void> failure(std::string_view type, std::string_view payload, std::string_view message,
                       EventSink& sink) {
    auto root = document_.parse(payload, kDepthMax);
    Error error = aws_error::error_of_exception(type, root ? *root : Value());
    if (!message.empty()) error.message = message;
    done_ = true;
    sink.on(canon::Failure{std::move(error)});
    return {};
  }

  event_stream::Parser parser_;
  json::Document document_;
  Arena arena_;
  std::vector<Call> open_;
  uint32_t calls_ = 0;
  bool started_ = false, stopped_ = false, done_ = false;
  std::string reason_, sequence_;
};

class BodyDecoder final : public ReplyDecoder {
 public:
  Result<void> feed(std::string_view bytes, EventSink&) override {
    body_.append(bytes);
    return {};
  }

  Result<void> finish(EventSink& sink) override {
    json::Document document;
    auto parsed = document.parse(body_, kDepthMax);
    if (!parsed) return malformed("answer is " + parsed.error().message);
    const Value root = *parsed, content = root["output"]["message"]["content"];
    if (!content.is_array()) return malformed("answer has no message");
    sink.on(canon::Start{});
    for (Value each : content) TRY_VOID(block(each, sink));
    canon::Usage usage;
    update_usage(usage, root["usage"]);
    if (usage.known()) sink.on(usage);
    TRY(Text reason, text_in(root, "stopReason"));
    sink.on(reason.empty() ? canon::Stop{}
                           : stop_of(reason, sequence_in(root["additionalModelResponseFields"])));
    return {};
  }

 private:
  Result<void> block(Value block, EventSink& sink) {
    if (!block.is_object()) return odd("content");
    if (Value said = block["text"]; said.present()) return text(said, sink);
    if (Value tool_use = block["toolUse"]; tool_use.present()) return call(tool_use, sink);
    if (Value cited = block["citationsContent"]; cited.present()) {
      for (Value each : cited["content"]) TRY_VOID(text(each["text"], sink));
      return {};
    }
    const Value thought = block["reasoningContent"];
    if (!thought.present()) return {};
    if (Value inside = thought["reasoningText"]; inside.present())
      return tell_reasoning(inside, arena_, sink);
    return tell_reasoning(thought, arena_, sink);
  }

  static Result<void> text(Value said, EventSink& sink) {
    if (!said.is_string()) return odd("text");
    if (!said.text().empty()) sink.on(canon::TextDelta{said.text()});
    return {};
  }

  Result<void> call(Value tool_use, EventSink& sink) {
    if (!tool_use.is_object()) return odd("toolUse");
    if (runs_there(tool_use)) return {};
    TRY_VOID(start_call(calls_, tool_use, sink));
    const Value input = tool_use["input"];
    sink.on(
        canon::ToolCallDelta{calls_++, json::escape(input.is_object() ? input.raw().json : "{}", arena_)});
    return {};
  }

  std::string body_;
  Arena arena_;
  uint32_t calls_ = 0;
};

}  // namespace

std::unique_ptr<ReplyDecoder> make_decoder(bool stream) {
  if (stream) return std::make_unique<StreamDecoder>();
  return std::make_unique<BodyDecoder>();
}

}  // namespace hanse::bedrock_converse
