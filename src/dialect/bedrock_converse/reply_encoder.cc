// Events as a stream for a client: frames of JSON. Texts and thoughts have no start, as the service has it;
// blocks don't interleave.
#include "base/bytes.h"
#include "dialect/aws_error.h"
#include "dialect/bedrock_converse/wire.h"
#include "dialect/frame/event_stream.h"
#include "dialect/ids.h"
#include "dialect/in_order.h"

namespace hanse::bedrock_converse {

using json::Text;

namespace {

std::string headers_of(std::string_view event) {
  std::string out;
  event_stream::append_header(out, ":event-type", event);
  event_stream::append_header(out, ":content-type", "application/json");
  event_stream::append_header(out, ":message-type", "event");
  return out;
}

class StreamEncoder final : public ReplyEncoder {
 public:
  explicit StreamEncoder(const ReplyShape& shape) : shape_(shape) {}

  void on(const canon::Event& event) override {
    if (done_) return;
    order_.on(event, [this](const canon::Event& next) {
      if (auto* text = std::get_if<canon::TextDelta>(&next))  // nearly every event
        return said(text->text);
      std::visit([this](const auto& each) { take(each); }, next);
    });
  }

 private:
  enum class Block : uint8_t { none, text, reasoning, call };

  void take(const canon::Start&) { begin(); }
  void take(const canon::TextDelta& delta) { said(delta.text); }
  void take(const canon::RefusalDelta& delta) {
    refused_ = true;
    said(delta.text);
  }
  void take(const canon::ReasoningDelta& delta) {
    if (!shape_.echo_reasoning) return;
    need(Block::reasoning);
    write_delta(R"("reasoningContent":{"text":")", delta.text, R"("}}})");
  }
  void take(const canon::ReasoningSignature& end) {
    if (!shape_.echo_reasoning) return;
    need(Block::reasoning);
    write_delta(R"("reasoningContent":{"signature":")", end.signature, R"("}}})");
    close();
  }
  void take(const canon::RedactedReasoning& redacted) {
    if (!shape_.echo_reasoning) return;
    close();
    need(Block::reasoning);
    write_delta(R"("reasoningContent":{"redactedContent":")", {blob_of(redacted.data)}, R"("}}})");
    close();
  }
  void take(const canon::ToolCallStart& call) {
    close();
    begin();
    open_ = Block::call;
    calls_ = true;
    event("contentBlockStart", [&](json::Writer& w) {
      w.object().key("contentBlockIndex").number(index_).key("start").object().key("toolUse").object();
      w.key("name").text(call.name).key("toolUseId").text({call_id(call, shape_)});
      w.end_object().end_object().end_object();
    });
  }
  void take(const canon::ToolCallDelta& delta) {
    if (open_ == Block::call) write_delta(R"("toolUse":{"input":")", delta.fragment, R"("}}})");
  }
  void take(const canon::Usage& usage) { usage_.update(usage); }

  void take(const canon::Stop& stop) {
    begin();
    close();
    done_ = true;
    const std::string_view reason = stop_reason(stop.reason, calls_, refused_);
    event("messageStop", [&](json::Writer& w) {
      w.object().key("stopReason").text({reason});
      if (!stop.sequence.empty()) {
        w.key("additionalModelResponseFields").object();
        w.key("stop_sequence").text(stop.sequence).end_object();
      }
      w.end_object();
    });
    event("metadata", [&](json::Writer& w) {
      write_usage(w.object().key("usage"), usage_);
      w.key("metrics").object().key("latencyMs").number(elapsed_ms).end_object().end_object();
    });
  }
  void take(const canon::Failure& failure) {
    done_ = true;
    out += aws_error::exception_frame(failure.error);
  }

  template <class Payload>
  void event(std::string_view type, Payload&& payload) {
    event_stream::Frame frame(out, headers_of(type));
    json::Writer w(out);
    payload(w);
    frame.end();
  }

  void begin() {
    if (std::exchange(begun_, true)) return;
    event("messageStart", [](json::Writer& w) { w.object().key("role").text({"assistant"}).end_object(); });
  }

  void said(Text text) {
    if (text.empty()) return;
    if (open_ != Block::text) need(Block::text);
    write_delta(R"("text":")", text, R"("}})");
  }

  void need(Block block) {
    if (open_ == block) return;
    begin();
    close();
    open_ = block;
  }

  // {"contentBlockIndex":0,"delta":{"text":"..."}}
  void write_delta(std::string_view head, Text text, std::string_view closing) {
    static const std::string kHeaders = headers_of("contentBlockDelta");
    if (text.empty()) return;
    if (delta_index_ != index_) {
      delta_index_ = index_;
      delta_head_ = R"({"contentBlockIndex":)" + std::to_string(index_) + R"(,"delta":{)";
    }
    event_stream::Frame frame(out, kHeaders);
    const size_t size = delta_head_.size() + head.size() + text.escaped.size() + closing.size();
    char* at = extend(out, size);
    for (std::string_view piece : {std::string_view(delta_head_), head, text.escaped, closing})
      at = std::copy(piece.begin(), piece.end(), at);
    frame.end();
  }

  void close() {
    if (open_ == Block::none) return;
    event("contentBlockStop",
          [&](json::Writer& w) { w.object().key("contentBlockIndex").number(index_).end_object(); });
    ++index_;
    open_ = Block::none;
  }

  ReplyShape shape_;
  InOrder order_;
  Block open_ = Block::none;
  int64_t index_ = 0;
  int64_t delta_index_ = -1;  // whose deltas delta_head_ begins
  std::string delta_head_;
  bool begun_ = false, done_ = false, calls_ = false, refused_ = false;
  canon::Usage usage_;
};

}  // namespace

std::string call_id(const canon::ToolCallStart& call, const ReplyShape& shape) {
  constexpr IdRule kIdRule{64, ".:"};  // clients send them back, and the vendor takes no others
  if (!call.id.empty()) return legal_id(json::unescape(call.id), kIdRule);
  return legal_id("tooluse_" + shape.request_id + "_" + std::to_string(call.call), kIdRule);
}

std::unique_ptr<ReplyEncoder> make_encoder(const ReplyShape& shape) {
  if (shape.stream) return std::make_unique<StreamEncoder>(shape);
  return make_body_encoder(shape);
}

}  // namespace hanse::bedrock_converse
