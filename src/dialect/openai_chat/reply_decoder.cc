// A Chat Completions answer, streamed or whole, read into events.
#include "dialect/frame/sse.h"
#include "dialect/openai_chat/wire.h"

namespace hanse::openai_chat {

using namespace canon;
using json::Value;

// prompt_tokens includes what was cached, completion_tokens includes reasoning: taken apart here, so nothing
// is counted twice.
Usage read_usage(Value usage) {
  Usage out;
  if (!usage.is_object()) return out;
  auto count = [](Value v) { return v.integer().value_or(-1); };
  int64_t prompt = count(usage["prompt_tokens"]), completion = count(usage["completion_tokens"]);
  Value in = usage["prompt_tokens_details"], made = usage["completion_tokens_details"];
  out.cache_read = count(in["cached_tokens"]);
  out.cache_write_5m = count(in["cache_write_tokens"]);
  out.reasoning_out = count(made["reasoning_tokens"]);
  if (prompt >= 0)
    out.uncached_in =
        std::max<int64_t>(0, prompt - Usage::zero(out.cache_read) - Usage::zero(out.cache_write_5m));
  if (completion >= 0) out.visible_out = std::max<int64_t>(0, completion - Usage::zero(out.reasoning_out));
  return out;
}

namespace {

StopReason stop_reason(std::string_view word) {
  if (word == "stop") return StopReason::end;
  if (word == "length") return StopReason::length;
  if (word == "tool_calls" || word == "function_call") return StopReason::tool_calls;
  if (word == "content_filter") return StopReason::filtered;
  return StopReason::unknown;
}

// What stream and whole have in common: one choice's message or delta.
class Reader {
 public:
  void start(Value root, EventSink& sink) {
    if (started_) return;
    // Azure's first chunk has neither id nor model: the next one has.
    if (root["model"].text().empty() && root["choices"].size() == 0) return;
    started_ = true;
    sink.on(Start{root["id"].text(), root["model"].text(), root["created"].integer().value_or(0)});
  }

  void message(Value message, EventSink& sink) {
    reasoning(message, sink);
    Text content = message["content"].text();
    if (!content.empty()) sink.on(TextDelta{content});
    Text refusal = message["refusal"].text();
    if (!refusal.empty()) sink.on(RefusalDelta{refusal});
    for (Value call : message["tool_calls"]) tool_call(call, sink);
  }

  void finish_reason(Value reason) {
    if (!reason.is_string()) return;
    finished_ = true;
    reason_ = stop_reason(reason.text().escaped);
    if (reason_ == StopReason::unknown) original_ = reason.text().escaped;
  }
  bool finished() const { return finished_; }
  void stop(EventSink& sink) {
    // Some servers say "stop" behind tool calls; the calls are what counts.
    if (reason_ == StopReason::end && calls_seen_ > 0) reason_ = StopReason::tool_calls;
    sink.on(Stop{reason_, {}, Text{original_}});
  }

 private:
  void reasoning(Value message, EventSink& sink) {
    bool blocks = false;
    for (Value block : message["thinking_blocks"]) {
      std::string_view type = block["type"].text().escaped;
      Text signature = block["signature"].text();
      if (type == "thinking" && !block["thinking"].text().empty())
        sink.on(ReasoningDelta{block["thinking"].text()}), blocks = true;
      if (type == "thinking" && !signature.empty()) sink.on(ReasoningSignature{signature}), blocks = true;
      if (type == "redacted_thinking") sink.on(RedactedReasoning{block["data"].text()}), blocks = true;
    }
    if (blocks) return;
    Text thought = message["reasoning_content"].text();
    if (thought.empty()) thought = message["reasoning"].text();
    if (!thought.empty()) sink.on(ReasoningDelta{thought});
  }

  void tool_call(Value call, EventSink& sink) {
    int64_t index = call["index"].integer().value_or(static_cast<int64_t>(calls_seen_));
    Text name = call["function"]["name"].text();
    size_t known = 0;
    while (known < indexes_.size() && indexes_[known] != index) ++known;
    bool fresh = known == indexes_.size();
    // Servers that give every call the index 0 tell them apart by their ids only.
    Text id = call["id"].text();
    if (!fresh && !id.empty() && !name.empty() && id.escaped != ids_[known]) {
      indexes_[known] = INT64_MIN;
      known = indexes_.size();
      fresh = true;
    }
    if (fresh) {
      indexes_.push_back(index);
      ids_.emplace_back(id.escaped);
      ++calls_seen_;
      sink.on(ToolCallStart{static_cast<uint32_t>(known), id, name});
    }
    Text arguments = call["function"]["arguments"].text();
    if (!arguments.empty()) sink.on(ToolCallDelta{static_cast<uint32_t>(known), arguments});
  }

  bool started_ = false;
  bool finished_ = false;
  StopReason reason_ = StopReason::end;
  std::string original_;
  size_t calls_seen_ = 0;
  std::vector<int64_t> indexes_;  // the provider's index of our call 0, 1, 2, ...
  std::vector<std::string> ids_;
};

class StreamDecoder final : public ReplyDecoder {
 public:
  Result<void> feed(std::string_view bytes, EventSink& sink) override {
    return parser_.feed(bytes, [&](sse::Event event) { return on_event(event, sink); });
  }
  Result<void> finish(EventSink& sink) override {
    TRY_VOID(parser_.finish([&](sse::Event event) { return on_event(event, sink); }));
    if (failed_) return {};
    if (!reader_.finished())
      return fail(Code::malformed_reply, "the provider's stream ended before the answer was whole");
    if (usage_.known()) sink.on(usage_);
    reader_.stop(sink);
    return {};
  }

 private:
  Result<void> on_event(sse::Event event, EventSink& sink) {
    if (failed_ || event.data == "[DONE]" || event.data.empty()) return {};
    auto root = document_.parse(event.data, 64);
    if (!root)
      return fail(Code::malformed_reply, "an event of the provider's stream is " + root.error().message);
    if (Value error = (*root)["error"]; error.present()) {
      failed_ = true;
      sink.on(Failure{read_stream_error(error)});
      return {};
    }
    reader_.start(*root, sink);
    if (Value usage = (*root)["usage"]; usage.is_object()) usage_ = read_usage(usage);
    for (Value choice : (*root)["choices"]) {
      if (choice["index"].integer().value_or(0) != 0) continue;
      reader_.message(choice["delta"], sink);
      reader_.finish_reason(choice["finish_reason"]);
    }
    return {};
  }

  sse::Parser parser_;
  json::Document document_;
  Reader reader_;
  Usage usage_;
  bool failed_ = false;
};

class WholeDecoder final : public ReplyDecoder {
 public:
  Result<void> feed(std::string_view bytes, EventSink&) override {
    body_.append(bytes);
    return {};
  }
  Result<void> finish(EventSink& sink) override {
    auto root = document_.parse(body_, 128);
    if (!root) return fail(Code::malformed_reply, "the provider's answer is " + root.error().message);
    if ((*root)["error"].present()) {
      sink.on(Failure{read_stream_error((*root)["error"])});
      return {};
    }
    Value choices = (*root)["choices"];
    if (!choices.is_array() || choices.size() == 0)
      return fail(Code::malformed_reply, "the provider's answer has no choices");
    Reader reader;
    reader.start(*root, sink);
    Value choice = *choices.begin();
    reader.message(choice["message"], sink);
    reader.finish_reason(choice["finish_reason"]);
    Usage usage = read_usage((*root)["usage"]);
    if (usage.known()) sink.on(usage);
    reader.stop(sink);
    return {};
  }

 private:
  std::string body_;
  json::Document document_;
};

}  // namespace

std::unique_ptr<ReplyDecoder> make_decoder(bool stream) {
  if (stream) return std::make_unique<StreamDecoder>();
  return std::make_unique<WholeDecoder>();
}

}  // namespace hanse::openai_chat
