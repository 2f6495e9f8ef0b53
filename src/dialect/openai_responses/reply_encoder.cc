// Events as a stream for a client, or gathered to one body: both tell of the same items. Thoughts, a message
// and each call are items; what comes of another kind ends an item, and a call ends when its arguments are
// whole or nothing comes any more, for calls may interleave.
#include "dialect/openai_responses/output_item.h"
#include "dialect/openai_responses/response_object.h"
#include "dialect/openai_responses/signature.h"
#include "dialect/openai_responses/wire.h"

namespace hanse::openai_responses {
namespace {

using canon::StopReason;
using json::Text;
using json::Writer;

class Encoder final : public ReplyEncoder {
 public:
  explicit Encoder(const ReplyShape& shape) : shape_(shape), response_(shape_), frames_(out, shape.stream) {}

  void on(const canon::Event& event) override {
    if (over_) return;
    if (auto* text = std::get_if<canon::TextDelta>(&event)) {  // nearly every event
      take(*text);
      return;
    }
    std::visit([this](const auto& each) { take(each); }, event);
  }

 private:
  static constexpr size_t kNone = SIZE_MAX;

  void take(const canon::Start& start) {
    if (response_.begun()) return;
    response_.begin(start);
    tell_response("response.created", {.status = "in_progress"});
    tell_response("response.in_progress", {.status = "in_progress"});
  }
  void take(const canon::TextDelta& delta) {
    if (open_ == kNone || !items_[open_].takes(ItemKind::message, PartKind::text)) begin_part(PartKind::text);
    items_[open_].add(delta.text, frames_);
  }
  void take(const canon::RefusalDelta& delta) {
    if (open_ == kNone || !items_[open_].takes(ItemKind::message, PartKind::refusal))
      begin_part(PartKind::refusal);
    items_[open_].add(delta.text, frames_);
  }
  void take(const canon::ReasoningDelta& delta) {
    if (!shape_.echo_reasoning) return;
    if (open_ == kNone || !items_[open_].takes(ItemKind::thought, PartKind::summary))
      begin_part(PartKind::summary, ItemKind::thought);
    items_[open_].add(delta.text, frames_);
  }
  void take(const canon::ReasoningSignature& end) { prove(end.signature, false); }
  void take(const canon::RedactedReasoning& redacted) { prove(redacted.data, true); }

  // Ends the thought before it; where there is none the proof stands alone.
  void prove(Text proof, bool redacted) {
    if (!shape_.echo_reasoning || proof.empty()) return;
    const bool thought = open_ != kNone && items_[open_].kind() == ItemKind::thought;
    if (redacted || !thought) begin(ItemKind::thought);
    std::string carried;
    write_carried(proof, redacted, carried);
    items_[open_].prove(std::move(carried));
    end_open("completed");
  }

  void take(const canon::ToolCallStart& call) {
    if (!response_.begun()) take(canon::Start());
    end_open("completed");
    end_whole_calls();
    const canon::Tool* tool = find_tool(shape_.request, call.name);
    const bool custom = tool && tool->custom;
    const size_t number = items_.size();
    std::string call_id(call.id.escaped);
    if (call_id.empty()) {
      call_id = "call_";
      json::escape(shape_.request_id, call_id);
      call_id.append(1, '_').append(std::to_string(call.call));
    }
    OutputItem item(custom ? ItemKind::text_call : ItemKind::call, number,
                    response_.item_id(custom ? "ctc_" : "fc_", number));
    item.call(call.call, std::move(call_id), tool ? name_in_space(*tool) : call.name,
              tool ? tool->space : Text());
    items_.push_back(std::move(item));
    items_.back().begin(frames_);
    calls_.push_back(number);
  }
  void take(const canon::ToolCallDelta& delta) {
    for (size_t i = calls_.size(); i-- > 0;) {
      if (items_[calls_[i]].call_number() != delta.call) continue;
      items_[calls_[i]].add(delta.fragment, frames_);
      return;
    }
  }
  void take(const canon::Usage& usage) { usage_.update(usage); }

  void take(const canon::Stop& stop) {
    if (!response_.begun()) take(canon::Start());
    std::string_view why;
    if (stop.reason == StopReason::length || stop.reason == StopReason::context_full)
      why = "max_output_tokens";
    if (stop.reason == StopReason::filtered) why = "content_filter";
    const std::string_view status = why.empty() ? "completed" : "incomplete";
    end_all(status);
    over_ = true;
    tell_response("response." + std::string(status),
                  {.status = status,
                   .output = output_,
                   .usage = &usage_,
                   .incomplete_reason = why,
                   .native_reason = stop.original.escaped},
                  true);
  }

  void take(const canon::Failure& failure) {
    over_ = true;
    if (!shape_.stream) {
      out = openai::error_body(failure.error);
    } else if (!response_.begun()) {
      out.append("event: error\ndata: ").append(error_event(failure.error, 0)).append("\n\n");
    } else {
      gather("incomplete");
      tell_response("response.failed",
                    {.status = "failed", .output = output_, .usage = &usage_, .error = &failure.error}, true);
    }
  }

  void begin(ItemKind kind) {
    if (!response_.begun()) take(canon::Start());
    end_open("completed");
    end_whole_calls();
    open_ = items_.size();
    items_.emplace_back(kind, open_, response_.item_id(kind == ItemKind::thought ? "rs_" : "msg_", open_));
    items_.back().begin(frames_);
  }
  void begin_part(PartKind part, ItemKind kind = ItemKind::message) {
    if (open_ == kNone || items_[open_].kind() != kind) begin(kind);
    items_[open_].begin_part(part, frames_);
  }
  void end_open(std::string_view status) {
    if (open_ != kNone) items_[open_].end(status, frames_);
    open_ = kNone;
  }
  void end_whole_calls() {
    std::erase_if(calls_, [this](size_t call) {
      if (!items_[call].arguments_are_whole()) return false;
      items_[call].end("completed", frames_);
      return true;
    });
  }
  // Only what came last was cut off.
  void end_all(std::string_view status) {
    for (size_t call : calls_)
      items_[call].end(items_[call].arguments_are_whole() ? "completed" : status, frames_);
    calls_.clear();
    end_open(status);
    gather(status);
  }
  void gather(std::string_view status) {
    output_.clear();
    for (OutputItem& item : items_) {
      if (!output_.empty()) output_ += ',';
      item.write(output_, status);
    }
  }

  void tell_response(std::string_view type, const ResponseObject::State& state, bool last = false) {
    if (!shape_.stream) {
      if (last) response_.write(out, state);
      return;
    }
    frames_.begin(type);
    out += ",\"response\":";
    response_.write(out, state);
    frames_.end();
  }

  const ReplyShape shape_;
  ResponseObject response_;
  Frames frames_;
  std::vector<OutputItem> items_;
  size_t open_ = kNone;        // a message or a thought
  std::vector<size_t> calls_;  // that are open
  std::string output_;
  canon::Usage usage_;
  bool over_ = false;
};

}  // namespace

std::unique_ptr<ReplyEncoder> make_encoder(const ReplyShape& shape) {
  return std::make_unique<Encoder>(shape);
}

}  // namespace hanse::openai_responses
