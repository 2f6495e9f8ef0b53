// Events as a stream for a client. What is the same in every chunk is made once, at the start.
#include "dialect/openai_chat/wire.h"

namespace hanse::openai_chat {

using canon::StopReason;
using json::Text;

std::string_view finish_reason(StopReason reason) {
  switch (reason) {
    case StopReason::length:
    case StopReason::context_full:
      return "length";
    case StopReason::tool_calls:
      return "tool_calls";
    case StopReason::filtered:
      return "content_filter";
    case StopReason::end:
    case StopReason::stop_sequence:
    case StopReason::paused:
    case StopReason::unknown:
      return "stop";
  }
  return "stop";
}

std::string answer_id(Text given, const ReplyShape& shape) {
  if (given.escaped.starts_with("chatcmpl-")) return std::string(given.escaped);
  std::string out = "chatcmpl-";
  if (given.empty())
    json::escape(shape.request_id, out);
  else
    out += given.escaped;
  return out;
}

std::string call_id(const canon::ToolCallStart& call, const ReplyShape& shape) {
  if (!call.id.empty()) return std::string(call.id.escaped);
  std::string out = "call_";
  json::escape(shape.request_id, out);
  return out.append(1, '_') + std::to_string(call.call);
}

namespace {

json::Writer& block(json::Writer& out, int index, std::string_view type) {
  out.object();
  if (index >= 0) out.key("index").number(index);
  return out.key("type").text({type});
}

}  // namespace

void write_thinking_block(json::Writer& out, int index, Text thought, Text signature) {
  block(out, index, "thinking").key("thinking").text(thought);
  out.key("signature").text(signature).end_object();
}

void write_redacted_block(json::Writer& out, int index, Text data) {
  block(out, index, "redacted_thinking").key("data").text(data).end_object();
}

namespace {

class StreamEncoder final : public ReplyEncoder {
 public:
  explicit StreamEncoder(const ReplyShape& shape) : shape_(shape) {}

  void on(const canon::Event& event) override {
    std::visit([&](const auto& each) { write(each); }, event);
  }

 private:
  void open() { out += before_; }
  void close() { out += behind_; }
  void delta(std::string_view begin, Text text, std::string_view end) {
    open();
    out.append(begin).append(text.escaped).append(end);
    close();
  }

  void write(const canon::Start& start) {
    head_ = "data: {\"id\":\"" + answer_id(start.id, shape_) + "\",\"object\":\"chat.completion.chunk\"";
    head_ += ",\"created\":" + std::to_string(start.created ? start.created : shape_.now_unix);
    head_.append(",\"model\":\"").append(start.model.escaped).append("\",\"choices\":[");
    before_ = head_ + "{\"index\":0,\"delta\":{";
    // As OpenAI does: who asked for usage sees in every chunk that it is not there yet.
    usage_ending_ = shape_.stream_usage ? "],\"usage\":null}\n\n" : "]}\n\n";
    behind_ = "},\"finish_reason\":null}" + usage_ending_;
    delta("\"role\":\"assistant\",\"content\":\"", {}, "\",\"refusal\":null");
  }
  void write(const canon::TextDelta& said) {
    if (!thought_.empty()) thought_.clear();  // what was not signed until now never is
    delta("\"content\":\"", said.text, "\"");
  }
  void write(const canon::RefusalDelta& said) { delta("\"refusal\":\"", said.text, "\""); }
  void write(const canon::ReasoningDelta& said) {
    if (!shape_.echo_reasoning) return;
    delta("\"reasoning_content\":\"", said.text, "\"");
    thought_ += said.text.escaped;
  }

  // The signed thought once more as a whole, so that a client that sends it back gives the model its own.
  void write(const canon::ReasoningSignature& signed_by) {
    if (!shape_.echo_reasoning) return;
    open();
    json::Writer w(out);
    w.key("thinking_blocks").array();
    write_thinking_block(w, blocks_++, Text{thought_}, signed_by.signature);
    w.end_array();
    close();
    thought_.clear();
  }
  void write(const canon::RedactedReasoning& redacted) {
    if (!shape_.echo_reasoning) return;
    open();
    json::Writer w(out);
    w.key("thinking_blocks").array();
    write_redacted_block(w, blocks_++, redacted.data);
    w.end_array();
    close();
  }

  void write(const canon::ToolCallStart& call) {
    thought_.clear();
    if (bare_calls_.size() <= call.call) bare_calls_.resize(call.call + 1, false);
    bare_calls_[call.call] = true;
    open();
    json::Writer w(out);
    w.key("tool_calls").array().object().key("index").number(call.call);
    w.key("id").text(Text{call_id(call, shape_)}).key("type").text({"function"}).key("function").object();
    w.key("name").text(call.name).key("arguments").text({}).end_object().end_object().end_array();
    close();
  }
  void write(const canon::ToolCallDelta& piece) {
    if (piece.call < bare_calls_.size()) bare_calls_[piece.call] = false;
    arguments(piece.call, piece.fragment);
  }
  void arguments(uint32_t call, Text fragment) {
    open();
    out += "\"tool_calls\":[{\"index\":";
    out += std::to_string(call);
    out.append(",\"function\":{\"arguments\":\"").append(fragment.escaped).append("\"}}]");
    close();
  }

  void write(const canon::Usage& usage) { usage_.update(usage); }
  void write(const canon::Stop& stop) {
    // Clients parse the arguments, so calls that take none need an object too.
    for (uint32_t call = 0; call < bare_calls_.size(); ++call)
      if (bare_calls_[call]) arguments(call, {"{}"});
    open();
    out.append("},\"finish_reason\":\"").append(finish_reason(stop.reason)).append("\"");
    if (!stop.original.empty())
      out.append(",\"native_finish_reason\":\"").append(stop.original.escaped).append("\"");
    out.append("}").append(usage_ending_);
    if (shape_.stream_usage && usage_.known()) {
      out.append(head_).append("],\"usage\":");
      json::Writer w(out);
      write_usage(w, usage_);
      out += "}\n\n";
    }
    out += "data: [DONE]\n\n";
  }
  void write(const canon::Failure& failure) {
    out.append("data: ").append(openai::error_body(failure.error)).append("\n\n");
  }

  ReplyShape shape_;
  std::string head_;              // of a chunk, to its choices
  std::string before_;            // and on to the inside of the delta
  std::string behind_;            // from there to the end, while nothing is finished
  std::string usage_ending_;      // behind the choice
  std::string thought_;           // not signed yet
  int blocks_ = 0;                // of thinking, so far
  std::vector<bool> bare_calls_;  // calls without arguments so far
  canon::Usage usage_;
};

}  // namespace

std::unique_ptr<ReplyEncoder> make_stream_encoder(const ReplyShape& shape) {
  return std::make_unique<StreamEncoder>(shape);
}

}  // namespace hanse::openai_chat
