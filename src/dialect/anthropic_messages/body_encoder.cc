// Events folded into one message for a client that does not stream.
#include "dialect/anthropic_messages/reply_block.h"

namespace hanse::anthropic_messages {
namespace {

constexpr int kInputDepthMax = 64;

class BodyEncoder final : public ReplyEncoder {
 public:
  explicit BodyEncoder(const ReplyShape& shape) : facts_(shape) {}

  void on(const canon::Event& event) override {
    if (!done_) std::visit([this](const auto& e) { take(e); }, event);
  }

 private:
  void take(const canon::Start& start) {
    id_ = start.id.escaped;
    model_ = start.model.escaped;
  }
  void take(const canon::TextDelta& delta) { current(BlockKind::text).content += delta.text.escaped; }
  void take(const canon::RefusalDelta& delta) {
    refused_ = true;
    current(BlockKind::text).content += delta.text.escaped;
  }
  void take(const canon::ReasoningDelta& delta) {
    if (!facts_.shows_reasoning()) return;
    auto& block = current(BlockKind::thinking);
    block.content += delta.text.escaped;
    block.unsigned_yet = !delta.in_block;
  }
  void take(const canon::ReasoningSignature& end) {
    if (!facts_.shows_reasoning()) return;
    auto& block = current(BlockKind::thinking);
    block.signature = end.signature.escaped;
    block.ended = true;
    block.unsigned_yet = false;
  }
  void take(const canon::RedactedReasoning& redacted) {
    if (!facts_.shows_reasoning()) return;
    auto& block = blocks_.emplace_back();
    block.kind = BlockKind::redacted;
    block.content = redacted.data.escaped;
  }
  void take(const canon::ToolCallStart& call) {
    calls_.push_back(blocks_.size());
    auto& block = blocks_.emplace_back();
    block.kind = BlockKind::tool_use;
    block.call = call.call;
    block.id = facts_.call_id(call);
    block.name = call.name.escaped;
  }
  void take(const canon::ToolCallDelta& delta) {
    for (size_t i = calls_.size(); i-- > 0;)
      if (blocks_[calls_[i]].call == delta.call) {
        blocks_[calls_[i]].content += delta.fragment.escaped;
        return;
      }
  }
  void take(const canon::Usage& usage) { usage_.update(usage); }
  void take(const canon::Failure& failure) {
    done_ = true;
    out += encode_error(failure.error, facts_.request_id());
  }

  void take(const canon::Stop& stop) {
    done_ = true;
    json::Writer writer(out);
    writer.object();
    facts_.write_head(writer, {{id_}, {model_}, 0});
    writer.key("content").array();
    for (const auto& block : blocks_)
      if (!block.unsigned_yet) write(writer, block);  // see reply_encoder.cc
    writer.end_array();
    auto reason = ReplyFacts::reason_name(stop.reason, !calls_.empty(), refused_);
    ReplyFacts::write_stop(writer, reason, stop);
    writer.key("usage");
    write_usage(writer, usage_);
    writer.end_object();
  }

  // The last block if it is of this kind and still open, else a new one.
  ReplyBlock& current(BlockKind kind) {
    if (blocks_.empty() || blocks_.back().kind != kind || blocks_.back().ended)
      blocks_.emplace_back().kind = kind;
    return blocks_.back();
  }

  void write(json::Writer& writer, const ReplyBlock& block) {
    writer.object().key("type");
    switch (block.kind) {
      case BlockKind::none:
      case BlockKind::text:
        writer.string("text").key("text").text({block.content});
        break;
      case BlockKind::thinking:
        writer.string("thinking").key("thinking").text({block.content});
        writer.key("signature").text({block.signature});
        break;
      case BlockKind::redacted:
        writer.string("redacted_thinking").key("data").text({block.content});
        break;
      case BlockKind::tool_use:
        writer.string("tool_use").key("id").text({block.id}).key("name").text({block.name});
        write_input(writer.key("input"), block.content);
    }
    writer.end_object();
  }

  // A model may write anything; a client must get an object. What is none goes along as the vendor advises.
  void write_input(json::Writer& writer, const std::string& escaped) {
    std::string plain = json::unescape(json::Text{escaped});
    auto root = document_.parse(plain, kInputDepthMax);
    if (root && root->is_object())
      writer.raw(root->raw());
    else if (plain.find_first_not_of(" \t\r\n") == std::string::npos)
      writer.raw("{}");
    else
      writer.object().key("INVALID_JSON").text({escaped}).end_object();
  }

  ReplyFacts facts_;
  std::string id_, model_;
  std::vector<ReplyBlock> blocks_;
  std::vector<size_t> calls_;  // which of the blocks
  canon::Usage usage_;
  json::Document document_;
  bool refused_ = false;
  bool done_ = false;
};

}  // namespace

std::unique_ptr<ReplyEncoder> make_body_encoder(const ReplyShape& shape) {
  return std::make_unique<BodyEncoder>(shape);
}

}  // namespace hanse::anthropic_messages
