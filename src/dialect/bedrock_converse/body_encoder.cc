// Events folded into one answer for a client that does not stream.
#include "dialect/aws_error.h"
#include "dialect/bedrock_converse/wire.h"

namespace hanse::bedrock_converse {
namespace {

constexpr int kInputDepthMax = 64;

class BodyEncoder final : public ReplyEncoder {
 public:
  explicit BodyEncoder(const ReplyShape& shape) : shape_(shape) {}

  void on(const canon::Event& event) override {
    if (!done_) std::visit([this](const auto& each) { take(each); }, event);
  }

 private:
  enum class Kind : uint8_t { text, reasoning, redacted, call };
  struct Block {
    Kind kind;
    uint32_t call = 0;
    std::string id, name;
    std::string content;  // escaped: text, thought, data, or the JSON text of the input
    std::string signature;
    bool ended = false;  // its signature came: more thinking is another block
  };

  void take(const canon::Start&) {}
  void take(const canon::TextDelta& delta) { current(Kind::text).content += delta.text.escaped; }
  void take(const canon::RefusalDelta& delta) {
    refused_ = true;
    current(Kind::text).content += delta.text.escaped;
  }
  void take(const canon::ReasoningDelta& delta) {
    if (shape_.echo_reasoning) current(Kind::reasoning).content += delta.text.escaped;
  }
  void take(const canon::ReasoningSignature& end) {
    if (!shape_.echo_reasoning) return;
    Block& block = current(Kind::reasoning);
    block.signature = end.signature.escaped;
    block.ended = true;
  }
  void take(const canon::RedactedReasoning& redacted) {
    if (shape_.echo_reasoning) add(Kind::redacted).content = blob_of(redacted.data);
  }
  void take(const canon::ToolCallStart& call) {
    calls_ = true;
    Block& block = add(Kind::call);
    block.call = call.call;
    block.id = call_id(call, shape_);
    block.name = call.name.escaped;
  }
  void take(const canon::ToolCallDelta& delta) {
    for (size_t i = blocks_.size(); i-- > 0;)
      if (blocks_[i].kind == Kind::call && blocks_[i].call == delta.call) {
        blocks_[i].content += delta.fragment.escaped;
        return;
      }
  }
  void take(const canon::Usage& usage) { usage_.update(usage); }
  void take(const canon::Failure& failure) {
    done_ = true;
    out += aws_error::error_body(failure.error);
  }

  void take(const canon::Stop& stop) {
    done_ = true;
    json::Writer w(out);
    w.object().key("output").object().key("message").object().key("role").text({"assistant"});
    w.key("content").array();
    for (const Block& block : blocks_) write(w, block);
    w.end_array().end_object().end_object();
    w.key("stopReason").text({stop_reason(stop.reason, calls_, refused_)});
    write_usage(w.key("usage"), usage_);
    w.key("metrics").object().key("latencyMs").number(elapsed_ms).end_object();
    if (!stop.sequence.empty()) {
      w.key("additionalModelResponseFields").object();
      w.key("stop_sequence").text(stop.sequence).end_object();
    }
    w.end_object();
  }

  Block& add(Kind kind) {
    blocks_.push_back({kind, 0, {}, {}, {}, {}});
    return blocks_.back();
  }
  // The last block if it is of this kind and still open, else a new one.
  Block& current(Kind kind) {
    if (blocks_.empty() || blocks_.back().kind != kind || blocks_.back().ended) add(kind);
    return blocks_.back();
  }

  void write(json::Writer& w, const Block& block) {
    w.object();
    switch (block.kind) {
      case Kind::text:
        w.key("text").text({block.content});
        break;
      case Kind::reasoning:
        w.key("reasoningContent").object().key("reasoningText").object().key("text").text({block.content});
        if (!block.signature.empty()) w.key("signature").text({block.signature});
        w.end_object().end_object();
        break;
      case Kind::redacted:
        w.key("reasoningContent").object().key("redactedContent").text({block.content}).end_object();
        break;
      case Kind::call:
        w.key("toolUse").object().key("toolUseId").text({block.id}).key("name").text({block.name});
        write_input(w.key("input"), block.content);
        w.end_object();
    }
    w.end_object();
  }

  // A model may write anything; a client must get an object.
  void write_input(json::Writer& w, const std::string& escaped) {
    std::string plain = json::unescape(json::Text{escaped});
    auto root = document_.parse(plain, kInputDepthMax);
    if (root && root->is_object())
      w.raw(root->raw());
    else if (plain.find_first_not_of(" \t\r\n") == std::string::npos)
      w.raw("{}");
    else
      w.object().key("INVALID_JSON").text({escaped}).end_object();
  }

  ReplyShape shape_;
  std::vector<Block> blocks_;
  canon::Usage usage_;
  json::Document document_;
  bool calls_ = false, refused_ = false, done_ = false;
};

}  // namespace

std::unique_ptr<ReplyEncoder> make_body_encoder(const ReplyShape& shape) {
  return std::make_unique<BodyEncoder>(shape);
}

}  // namespace hanse::bedrock_converse
