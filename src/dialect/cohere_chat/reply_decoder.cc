// What the provider answers, as events.
#include "dialect/cohere_chat/wire.h"
#include "dialect/frame/sse.h"
#include "dialect/read.h"

namespace hanse::cohere_chat {

using canon::EventSink;
using json::Text;
using json::Value;

namespace {

constexpr int kDepthMax = 128;

Failed odd(std::string_view what) {
  return fail(Code::malformed_reply, "the provider's answer has a wrong type in its " + std::string(what));
}

Error failed_answer(Value said) {
  std::string what = said.string();
  return Error(Code::provider_failed,
               what.empty() ? "the provider failed in the middle of its answer" : what);
}

class StreamDecoder final : public ReplyDecoder {
 public:
  Result<void> feed(std::string_view bytes, EventSink& sink) override {
    return parser_.feed(bytes, [&](sse::Event event) { return on_event(event, sink); });
  }
  Result<void> finish(EventSink& sink) override {
    TRY_VOID(parser_.finish([&](sse::Event event) { return on_event(event, sink); }));
    if (over_) return {};
    return fail(Code::malformed_reply, "the provider's stream ended before the answer was whole");
  }

 private:
  Result<void> on_event(sse::Event event, EventSink& sink) {
    if (over_ || event.data == "[DONE]") return {};
    auto root = document_.parse(event.data, kDepthMax);
    if (!root) return fail(Code::malformed_reply, "an event of the provider is not JSON");
    std::string_view type = (*root)["type"].text().escaped;
    Value message = (*root)["delta"]["message"];
    if (type == "message-start") {
      started_ = true;
      sink.on(canon::Start{(*root)["id"].text(), {}, 0});
      return {};
    }
    if (type.empty() && (*root)["message"].is_string()) return end_badly((*root)["message"], sink);
    if (!started_)
      return fail(Code::malformed_reply, "the provider's stream doesn't begin with message-start");
    if (type == "content-start" || type == "content-delta") return content(message["content"], sink);
    if (type == "tool-plan-delta") return text(message["tool_plan"], sink);
    if (type == "tool-call-start") return call(message["tool_calls"], sink);
    if (type == "tool-call-delta") return arguments(message["tool_calls"]["function"]["arguments"], sink);
    if (type == "message-end") return end((*root)["delta"], sink);
    return {};  // citations, ends of blocks, and what nobody knew yet
  }

  Result<void> text(Value said, EventSink& sink) {
    if (!said.is_string()) return odd("text");
    if (!said.text().empty()) sink.on(canon::TextDelta{said.text()});
    return {};
  }

  Result<void> content(Value content, EventSink& sink) {
    if (!content.is_object()) return odd("content");
    if (Value thought = content["thinking"]; thought.present()) {
      if (!thought.is_string()) return odd("thinking");
      if (!thought.text().empty()) sink.on(canon::ReasoningDelta{thought.text()});
      return {};
    }
    return content["text"].present() ? text(content["text"], sink) : Result<void>();
  }

  Result<void> call(Value call, EventSink& sink) {
    Value function = call["function"];
    if (!call["id"].is_string() || !function["name"].is_string()) return odd("tool_calls");
    sink.on(canon::ToolCallStart{calls_++, call["id"].text(), function["name"].text()});
    return function["arguments"].present() ? arguments(function["arguments"], sink) : Result<void>();
  }

  Result<void> arguments(Value piece, EventSink& sink) {
    if (!piece.is_string() || calls_ == 0) return odd("arguments of a tool call");
    if (!piece.text().empty()) sink.on(canon::ToolCallDelta{calls_ - 1, piece.text()});
    return {};
  }

  Result<void> end_badly(Value said, EventSink& sink) {
    over_ = true;
    sink.on(canon::Failure{failed_answer(said)});
    return {};
  }

  Result<void> end(Value delta, EventSink& sink) {
    if (!delta["finish_reason"].is_string()) return odd("finish_reason");
    canon::Usage usage;
    update_usage(usage, delta["usage"]);
    if (usage.known()) sink.on(usage);
    if (is_failure(delta["finish_reason"].text().escaped)) return end_badly(delta["error"], sink);
    over_ = true;
    sink.on(stop_of(delta["finish_reason"].text()));
    return {};
  }

  sse::Parser parser_;
  json::Document document_;
  uint32_t calls_ = 0;
  bool started_ = false;
  bool over_ = false;
};

class BodyDecoder final : public ReplyDecoder {
 public:
  Result<void> feed(std::string_view bytes, EventSink&) override {
    body_.append(bytes);
    return {};
  }

  Result<void> finish(EventSink& sink) override {
    json::Document document;
    auto root = document.parse(body_, kDepthMax);
    if (!root) return fail(Code::malformed_reply, "the provider's answer is " + root.error().message);
    Value message = (*root)["message"], reason = (*root)["finish_reason"];
    if (!message.is_object() || !reason.is_string())
      return fail(Code::malformed_reply, "the provider's answer has no message with a finish_reason");
    canon::Usage usage;
    update_usage(usage, (*root)["usage"]);
    if (is_failure(reason.text().escaped)) {
      if (usage.known()) sink.on(usage);
      sink.on(canon::Failure{failed_answer((*root)["error"])});
      return {};
    }
    sink.on(canon::Start{(*root)["id"].text(), {}, 0});
    TRY_VOID(parts(message, sink));
    TRY_VOID(calls(message["tool_calls"], sink));
    if (usage.known()) sink.on(usage);
    sink.on(stop_of(reason.text()));
    return {};
  }

 private:
  static Result<void> parts(Value message, EventSink& sink) {
    if (Value plan = message["tool_plan"]; plan.is_string() && !plan.text().empty())
      sink.on(canon::TextDelta{plan.text()});
    Value content = message["content"];
    if (content.present() && !content.is_array()) return odd("content");
    for (Value part : content) {
      if (!part.is_object()) return odd("content");
      Text thought = part["thinking"].text(), text = part["text"].text();
      if (!thought.empty()) sink.on(canon::ReasoningDelta{thought});
      if (!text.empty()) sink.on(canon::TextDelta{text});
    }
    return {};
  }

  static Result<void> calls(Value calls, EventSink& sink) {
    if (calls.present() && !calls.is_array()) return odd("tool_calls");
    uint32_t index = 0;
    for (Value call : calls) {
      Value function = call["function"];
      if (!call["id"].is_string() || !function["name"].is_string()) return odd("tool_calls");
      sink.on(canon::ToolCallStart{index, call["id"].text(), function["name"].text()});
      Text arguments = function["arguments"].text();
      if (!arguments.empty()) sink.on(canon::ToolCallDelta{index, arguments});
      ++index;
    }
    return {};
  }

  std::string body_;
};

}  // namespace

std::unique_ptr<ReplyDecoder> make_decoder(bool stream) {
  if (stream) return std::make_unique<StreamDecoder>();
  return std::make_unique<BodyDecoder>();
}

}  // namespace hanse::cohere_chat
