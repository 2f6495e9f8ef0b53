// Events gathered to one body for a client, written at the end.
#include "dialect/openai_chat/wire.h"

namespace hanse::openai_chat {
namespace {

using json::Text;

class BodyEncoder final : public ReplyEncoder {
 public:
  explicit BodyEncoder(const ReplyShape& shape) : shape_(shape), blocks_writer_(blocks_) {}

  void on(const canon::Event& event) override {
    std::visit([&](const auto& each) { take(each); }, event);
  }

 private:
  struct Call {
    std::string id, name, arguments;
  };

  void take(const canon::Start& start) {
    id_ = answer_id(start.id, shape_);
    model_ = start.model.escaped;
    created_ = start.created ? start.created : shape_.now_unix;
  }
  void take(const canon::TextDelta& said) {
    thought_.clear();
    text_ += said.text.escaped;
  }
  void take(const canon::RefusalDelta& said) { refusal_ += said.text.escaped; }
  void take(const canon::ReasoningDelta& said) {
    reasoning_ += said.text.escaped;
    thought_ += said.text.escaped;
  }
  void take(const canon::ReasoningSignature& signed_by) {
    write_thinking_block(blocks_writer_, -1, Text{thought_}, signed_by.signature);
    thought_.clear();
  }
  void take(const canon::RedactedReasoning& redacted) {
    write_redacted_block(blocks_writer_, -1, redacted.data);
  }
  void take(const canon::ToolCallStart& call) {
    thought_.clear();
    if (calls_.size() <= call.call) calls_.resize(call.call + 1);
    calls_[call.call] = {call_id(call, shape_), std::string(call.name.escaped), {}};
  }
  void take(const canon::ToolCallDelta& piece) {
    if (piece.call < calls_.size()) calls_[piece.call].arguments += piece.fragment.escaped;
  }
  void take(const canon::Usage& usage) { usage_.update(usage); }
  void take(const canon::Failure& failure) { out = openai::error_body(failure.error); }

  void take(const canon::Stop& stop) {
    json::Writer w(out);
    w.object().key("id").text(Text{id_}).key("object").text({"chat.completion"});
    w.key("created").number(created_).key("model").text(Text{model_}).key("choices").array();
    w.object().key("index").number(0).key("message");
    message(w);
    w.key("logprobs").null().key("finish_reason").text({finish_reason(stop.reason)});
    if (!stop.original.empty()) w.key("native_finish_reason").text(stop.original);
    w.end_object().end_array();
    if (usage_.known()) {
      w.key("usage");
      write_usage(w, usage_);
    }
    w.end_object();
  }

  void message(json::Writer& w) const {
    auto text_or_null = [&](const std::string& text) { text.empty() ? w.null() : w.text(Text{text}); };
    w.object().key("role").text({"assistant"}).key("content");
    if (calls_.empty() && refusal_.empty())
      w.text(Text{text_});
    else
      text_or_null(text_);
    w.key("refusal");
    text_or_null(refusal_);
    if (shape_.echo_reasoning && !reasoning_.empty()) w.key("reasoning_content").text(Text{reasoning_});
    if (shape_.echo_reasoning && !blocks_.empty()) w.key("thinking_blocks").raw("[" + blocks_ + "]");
    if (!calls_.empty()) tool_calls(w);
    w.end_object();
  }

  void tool_calls(json::Writer& w) const {
    w.key("tool_calls").array();
    for (const Call& call : calls_) {
      w.object().key("id").text(Text{call.id}).key("type").text({"function"}).key("function").object();
      w.key("name").text(Text{call.name}).key("arguments");
      w.text(call.arguments.empty() ? Text{"{}"} : Text{call.arguments}).end_object().end_object();
    }
    w.end_array();
  }

  ReplyShape shape_;
  std::string id_, model_, text_, refusal_, reasoning_, thought_, blocks_;
  json::Writer blocks_writer_;
  int64_t created_ = 0;
  std::vector<Call> calls_;
  canon::Usage usage_;
};

}  // namespace

std::unique_ptr<ReplyEncoder> make_encoder(const ReplyShape& shape) {
  if (shape.stream) return make_stream_encoder(shape);
  return std::make_unique<BodyEncoder>(shape);
}

}  // namespace hanse::openai_chat
