// Events, written as a Chat Completions answer: chunks of a stream, or one body at the end.
#include "dialect/openai_chat/wire.h"

namespace hanse::openai_chat {

using namespace canon;

void write_usage(json::Writer& w, const Usage& usage) {
  int64_t in = usage.input(), out = usage.output();
  w.object()
      .key("prompt_tokens")
      .number(in)
      .key("completion_tokens")
      .number(out)
      .key("total_tokens")
      .number(in + out);
  w.key("prompt_tokens_details").object().key("cached_tokens").number(Usage::zero(usage.cache_read));
  if (int64_t written = Usage::zero(usage.cache_write_5m) + Usage::zero(usage.cache_write_1h))
    w.key("cache_write_tokens").number(written);
  w.end_object()
      .key("completion_tokens_details")
      .object()
      .key("reasoning_tokens")
      .number(Usage::zero(usage.reasoning_out))
      .end_object();
  w.end_object();
}

namespace {

std::string_view finish_reason(StopReason reason) {
  switch (reason) {
    case StopReason::length:
    case StopReason::context_full:
      return "length";
    case StopReason::tool_calls:
      return "tool_calls";
    case StopReason::filtered:
      return "content_filter";
    default:
      return "stop";
  }
}

std::string id_of(const Start& start, const ReplyShape& shape) {
  if (start.id.escaped.starts_with("chatcmpl")) return std::string(start.id.escaped);
  return "chatcmpl-" + (start.id.empty() ? shape.request_id : std::string(start.id.escaped));
}

class StreamEncoder final : public ReplyEncoder {
 public:
  explicit StreamEncoder(const ReplyShape& shape) : shape_(shape) {}

  void on(const Event& event) override {
    std::visit([&](const auto& e) { write(e); }, event);
  }

 private:
  // "data: {... "choices":[{"index":0,"delta":{" is the same for every chunk.
  void open() { out += prefix_; }
  void close() { out += "},\"finish_reason\":null}]}\n\n"; }
  void delta_text(std::string_view key, Text text) {
    open();
    out.append(1, '"').append(key).append("\":\"").append(text.escaped).append(1, '"');
    close();
  }

  void write(const Start& start) {
    prefix_ =
        "data: {\"id\":\"" + id_of(start, shape_) + "\",\"object\":\"chat.completion.chunk\",\"created\":";
    prefix_ += std::to_string(start.created ? start.created : shape_.now_unix) + ",\"model\":\"";
    prefix_.append(start.model.escaped).append("\",\"choices\":[");
    head_ = prefix_;
    prefix_ += "{\"index\":0,\"delta\":{";
    open();
    out += "\"role\":\"assistant\",\"content\":\"\"";
    close();
  }
  void write(const TextDelta& e) { delta_text("content", e.text); }
  void write(const RefusalDelta& e) { delta_text("refusal", e.text); }
  void write(const ReasoningDelta& e) {
    delta_text("reasoning_content", e.text);
    thought_ += e.text.escaped;
  }
  // The signed thought as a block, so that a client that echoes it gives the model its own thought back.
  void write(const ReasoningSignature& e) {
    open();
    json::Writer w(out);
    w.key("thinking_blocks")
        .array()
        .object()
        .key("type")
        .string("thinking")
        .key("thinking")
        .text(Text{thought_});
    w.key("signature").text(e.signature).end_object().end_array();
    close();
    thought_.clear();
  }
  void write(const RedactedReasoning& e) {
    open();
    json::Writer w(out);
    w.key("thinking_blocks")
        .array()
        .object()
        .key("type")
        .string("redacted_thinking")
        .key("data")
        .text(e.data)
        .end_object()
        .end_array();
    close();
  }
  void write(const ToolCallStart& e) {
    open();
    json::Writer w(out);
    w.key("tool_calls").array().object().key("index").number(e.call).key("id");
    if (e.id.empty())
      w.string("call_" + shape_.request_id + "_" + std::to_string(e.call));
    else
      w.text(e.id);
    w.key("type")
        .string("function")
        .key("function")
        .object()
        .key("name")
        .text(e.name)
        .key("arguments")
        .string("")
        .end_object();
    w.end_object().end_array();
    close();
  }
  void write(const ToolCallDelta& e) {
    open();
    out += "\"tool_calls\":[{\"index\":";
    out += std::to_string(e.call);
    out.append(",\"function\":{\"arguments\":\"").append(e.fragment.escaped).append("\"}}]");
    close();
  }
  void write(const Usage& e) { usage_.update(e); }
  void write(const Stop& e) {
    open();
    out.append("},\"finish_reason\":\"").append(finish_reason(e.reason)).append("\"}]}\n\n");
    if (shape_.stream_usage) {
      out.append(head_).append("],\"usage\":");
      json::Writer w(out);
      write_usage(w, usage_);
      out += "}\n\n";
    }
    out += "data: [DONE]\n\n";
  }
  void write(const Failure& e) { out.append("data: ").append(error_body(e.error)).append("\n\n"); }

  ReplyShape shape_;
  std::string head_;     // to "choices":[
  std::string prefix_;   // and on to the inside of the delta
  std::string thought_;  // since the last signature
  Usage usage_;
};

class WholeEncoder final : public ReplyEncoder {
 public:
  explicit WholeEncoder(const ReplyShape& shape) : shape_(shape) {}
  void on(const Event& event) override {
    std::visit([&](const auto& e) { take(e); }, event);
  }

 private:
  struct Call {
    std::string id, name, arguments;
  };

  void take(const Start& e) {
    id_ = id_of(e, shape_);
    model_ = e.model.escaped;
    created_ = e.created ? e.created : shape_.now_unix;
  }
  void take(const TextDelta& e) { text_ += e.text.escaped; }
  void take(const RefusalDelta& e) { refusal_ += e.text.escaped; }
  void take(const ReasoningDelta& e) {
    reasoning_ += e.text.escaped;
    thought_ += e.text.escaped;
  }
  void take(const ReasoningSignature& e) {
    json::Writer w(blocks_);
    if (!blocks_.empty()) blocks_ += ',';
    w.object()
        .key("type")
        .string("thinking")
        .key("thinking")
        .text(Text{thought_})
        .key("signature")
        .text(e.signature)
        .end_object();
    thought_.clear();
  }
  void take(const RedactedReasoning& e) {
    json::Writer w(blocks_);
    if (!blocks_.empty()) blocks_ += ',';
    w.object().key("type").string("redacted_thinking").key("data").text(e.data).end_object();
  }
  void take(const ToolCallStart& e) {
    std::string id =
        e.id.empty() ? "call_" + shape_.request_id + "_" + std::to_string(e.call) : std::string(e.id.escaped);
    if (calls_.size() <= e.call) calls_.resize(e.call + 1);
    calls_[e.call] = {std::move(id), std::string(e.name.escaped), {}};
  }
  void take(const ToolCallDelta& e) {
    if (e.call < calls_.size()) calls_[e.call].arguments += e.fragment.escaped;
  }
  void take(const Usage& e) { usage_.update(e); }
  void take(const Failure& e) { out = error_body(e.error); }
  void take(const Stop& e);
  void message(json::Writer& w) const;

  ReplyShape shape_;
  std::string id_, model_, text_, refusal_, reasoning_, thought_, blocks_;
  int64_t created_ = 0;
  std::vector<Call> calls_;
  Usage usage_;
};

void WholeEncoder::message(json::Writer& w) const {
  w.object().key("role").string("assistant").key("content");
  if (text_.empty() && (!calls_.empty() || !refusal_.empty()))
    w.null();
  else
    w.text(Text{text_});
  w.key("refusal");
  if (refusal_.empty())
    w.null();
  else
    w.text(Text{refusal_});
  if (!reasoning_.empty()) w.key("reasoning_content").text(Text{reasoning_});
  if (!blocks_.empty()) w.key("thinking_blocks").raw("[" + blocks_ + "]");
  if (!calls_.empty()) {
    w.key("tool_calls").array();
    for (const Call& call : calls_) {
      w.object().key("id").text(Text{call.id}).key("type").string("function").key("function").object();
      w.key("name")
          .text(Text{call.name})
          .key("arguments")
          .text(Text{call.arguments})
          .end_object()
          .end_object();
    }
    w.end_array();
  }
  w.end_object();
}

void WholeEncoder::take(const Stop& e) {
  json::Writer w(out);
  w.object()
      .key("id")
      .text(Text{id_})
      .key("object")
      .string("chat.completion")
      .key("created")
      .number(created_);
  w.key("model").text(Text{model_}).key("choices").array().object().key("index").number(0).key("message");
  message(w);
  w.key("logprobs").null().key("finish_reason").string(finish_reason(e.reason)).end_object().end_array();
  if (usage_.known()) {
    w.key("usage");
    write_usage(w, usage_);
  }
  w.end_object();
}

}  // namespace

std::unique_ptr<ReplyEncoder> make_encoder(const ReplyShape& shape) {
  if (shape.stream) return std::make_unique<StreamEncoder>(shape);
  return std::make_unique<WholeEncoder>(shape);
}

}  // namespace hanse::openai_chat
