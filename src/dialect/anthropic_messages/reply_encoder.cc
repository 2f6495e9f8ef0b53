// Events as a stream for a client. This dialect has one block open at a time, others let calls interleave:
// what comes while a call's input is not whole waits for its turn, in the order of its beginning.
//
// Clients send thinking back, and the vendor refuses what it did not sign. So the thinking of languages that
// may not sign it is shown when its signature has come, and otherwise not at all.
#include "dialect/anthropic_messages/reply_block.h"
#include "dialect/object_end.h"

namespace hanse::anthropic_messages {
namespace {

class StreamEncoder final : public ReplyEncoder {
 public:
  explicit StreamEncoder(const ReplyShape& shape) : facts_(shape) {}

  void on(const canon::Event& event) override {
    if (done_) return;
    if (!held_.empty()) settle_held(event);
    if (auto* text = std::get_if<canon::TextDelta>(&event)) {  // nearly every event
      piece(BlockKind::text, text->text);
      return;
    }
    std::visit([this](const auto& e) { take(e); }, event);
  }

 private:
  void take(const canon::Start& start) { begin(start); }
  void take(const canon::TextDelta& delta) { piece(BlockKind::text, delta.text); }
  void take(const canon::RefusalDelta& delta) {
    refused_ = true;
    piece(BlockKind::text, delta.text);
  }
  void take(const canon::ReasoningDelta& delta) {
    if (!facts_.shows_reasoning()) return;
    if (delta.in_block)
      piece(BlockKind::thinking, delta.text);
    else if (held_.size() < kHeldBytesMax)
      held_ += delta.text.escaped;
  }

  // What is held becomes a block when this signs it; more of it, and counts, let it wait.
  void settle_held(const canon::Event& event) {
    if (std::holds_alternative<canon::ReasoningDelta>(event) || std::holds_alternative<canon::Usage>(event))
      return;
    const bool is_signed = std::holds_alternative<canon::ReasoningSignature>(event);
    if (is_signed && held_.size() < kHeldBytesMax) piece(BlockKind::thinking, {held_});
    held_.clear();
  }
  void take(const canon::ReasoningSignature& end) {
    if (!facts_.shows_reasoning()) return;
    if (blocked()) {
      auto& block = waiting(BlockKind::thinking);
      block.signature = end.signature.escaped;
      block.ended = true;
      return;
    }
    sign(end.signature);
  }
  void take(const canon::RedactedReasoning& redacted) {
    if (!facts_.shows_reasoning()) return;
    ReplyBlock block;
    block.kind = BlockKind::redacted;
    block.content = redacted.data.escaped;
    block.ended = true;
    add(std::move(block));
  }
  void take(const canon::ToolCallStart& call) {
    ReplyBlock block;
    block.kind = BlockKind::tool_use;
    block.call = call.call;
    block.id = facts_.call_id(call);
    block.name = call.name.escaped;
    calls_ = true;
    add(std::move(block));
  }
  void take(const canon::ToolCallDelta& delta) {
    if (open_ == BlockKind::tool_use && delta.call == open_call_) {
      append_delta(delta.fragment);
      input_end_.feed(delta.fragment);
      if (!waiting_.empty() && input_end_.reached()) drain(false);
      return;
    }
    for (size_t i = waiting_.size(); i-- > 0;)
      if (waiting_[i].kind == BlockKind::tool_use && waiting_[i].call == delta.call) {
        waiting_[i].content += delta.fragment.escaped;
        return;
      }
  }
  void take(const canon::Usage& usage) { usage_.update(usage); }

  void take(const canon::Stop& stop) {
    if (!begun_) begin({});
    drain(true);
    close();
    done_ = true;
    out += "event: message_delta\ndata: ";
    json::Writer writer(out);
    writer.object().key("type").string("message_delta").key("delta").object();
    ReplyFacts::write_stop(writer, ReplyFacts::reason_name(stop.reason, calls_, refused_), stop);
    writer.end_object().key("usage");
    write_usage(writer, usage_, true);
    writer.end_object();
    out += "\n\nevent: message_stop\ndata: {\"type\":\"message_stop\"}\n\n";
  }

  void take(const canon::Failure& failure) {
    done_ = true;
    out.append("event: error\ndata: ")
        .append(encode_error(failure.error, facts_.request_id()))
        .append("\n\n");
  }

  void begin(const canon::Start& start) {
    if (begun_) return;
    begun_ = true;
    out += "event: message_start\ndata: ";
    json::Writer writer(out);
    writer.object().key("type").string("message_start").key("message").object();
    facts_.write_head(writer, start);
    writer.key("content").array().end_array();
    writer.key("stop_reason").null().key("stop_sequence").null().key("usage");
    write_usage(writer, usage_);
    writer.end_object().end_object();
    out += "\n\n";
  }

  static constexpr size_t kHeldBytesMax = 4 * 1024 * 1024;

  // ---- blocks

  // The open block is a call whose input is not whole: nothing else may begin.
  bool blocked() const { return open_ == BlockKind::tool_use && !input_end_.reached(); }

  void piece(BlockKind kind, canon::Text text) {
    if (open_ == kind) {
      append_delta(text);
      return;
    }
    if (text.empty()) return;
    if (blocked()) {
      waiting(kind).content += text.escaped;
      return;
    }
    open(kind, {});
    append_delta(text);
  }

  // The last of those that wait, if it is of this kind and not ended; else a new one.
  ReplyBlock& waiting(BlockKind kind) {
    if (waiting_.empty() || waiting_.back().kind != kind || waiting_.back().ended)
      waiting_.emplace_back().kind = kind;
    return waiting_.back();
  }

  void add(ReplyBlock block) {
    if (blocked())
      waiting_.push_back(std::move(block));
    else
      send(block);
  }

  // All that wait, or as many as may begin.
  void drain(bool all) {
    size_t sent = 0;
    while (sent < waiting_.size() && (all || !blocked())) send(waiting_[sent++]);
    waiting_.erase(waiting_.begin(), waiting_.begin() + static_cast<std::ptrdiff_t>(sent));
  }

  // A block with all that is known of it; it stays open unless it ended.
  void send(const ReplyBlock& block) {
    open(block.kind, block);
    if (block.kind != BlockKind::redacted && !block.content.empty()) append_delta({block.content});
    if (block.kind == BlockKind::tool_use) input_end_.feed({block.content});
    if (block.kind == BlockKind::thinking && !block.signature.empty()) sign({block.signature});
    if (block.ended) close();
  }

  void sign(canon::Text signature) {
    if (open_ != BlockKind::thinking) open(BlockKind::thinking, {});
    begin_delta("signature_delta", "signature").append(signature.escaped).append("\"}}\n\n");
    close();
  }

  void open(BlockKind kind, const ReplyBlock& block) {
    if (!begun_) begin({});
    close();
    out.append("event: content_block_start\ndata: {\"type\":\"content_block_start\",\"index\":");
    out.append(std::to_string(index_)).append(",\"content_block\":");
    json::Writer writer(out);
    writer.object().key("type");
    switch (kind) {
      case BlockKind::none:
      case BlockKind::text:
        writer.string("text").key("text").string("");
        break;
      case BlockKind::thinking:
        writer.string("thinking").key("thinking").string("").key("signature").string("");
        break;
      case BlockKind::redacted:
        writer.string("redacted_thinking").key("data").text({block.content});
        break;
      case BlockKind::tool_use:
        writer.string("tool_use").key("id").text({block.id}).key("name").text({block.name});
        writer.key("input").object().end_object();
    }
    writer.end_object();
    out.append("}\n\n");
    open_ = kind;
    open_call_ = block.call;
    input_end_ = {};
    prepare_delta();
  }

  // What each delta of the open block begins with, made once a block.
  void prepare_delta() {
    std::string keep = std::move(out);
    out = std::move(delta_head_);
    out.clear();
    if (open_ == BlockKind::thinking)
      begin_delta("thinking_delta", "thinking");
    else if (open_ == BlockKind::tool_use)
      begin_delta("input_json_delta", "partial_json");
    else
      begin_delta("text_delta", "text");
    delta_head_ = std::move(out);
    out = std::move(keep);
  }

  std::string& begin_delta(std::string_view type, std::string_view key) {
    out.append("event: content_block_delta\ndata: {\"type\":\"content_block_delta\",\"index\":");
    out.append(std::to_string(index_)).append(",\"delta\":{\"type\":\"").append(type);
    return out.append("\",\"").append(key).append("\":\"");
  }

  void append_delta(canon::Text text) {
    if (!text.empty()) out.append(delta_head_).append(text.escaped).append("\"}}\n\n", 5);
  }

  void close() {
    if (open_ == BlockKind::none) return;
    out.append("event: content_block_stop\ndata: {\"type\":\"content_block_stop\",\"index\":");
    out.append(std::to_string(index_++)).append("}\n\n");
    open_ = BlockKind::none;
  }

  ReplyFacts facts_;
  bool begun_ = false;
  bool done_ = false;
  bool calls_ = false;
  bool refused_ = false;
  BlockKind open_ = BlockKind::none;
  uint32_t open_call_ = 0;
  size_t index_ = 0;
  ObjectEnd input_end_;
  std::string delta_head_;
  std::string held_;  // thinking that nobody has signed yet
  std::vector<ReplyBlock> waiting_;
  canon::Usage usage_;
};

}  // namespace

std::unique_ptr<ReplyEncoder> make_stream_encoder(const ReplyShape& shape) {
  return std::make_unique<StreamEncoder>(shape);
}

std::unique_ptr<ReplyEncoder> make_reply_encoder(const ReplyShape& shape) {
  return shape.stream ? make_stream_encoder(shape) : make_body_encoder(shape);
}

}  // namespace hanse::anthropic_messages
