// A content block of an answer while it is gathered, for the two encoders of answers.
#pragma once

#include <string>

#include "dialect/anthropic_messages/wire.h"
#include "dialect/ids.h"

namespace hanse::anthropic_messages {

enum class BlockKind : uint8_t { none, text, thinking, redacted, tool_use };

struct ReplyBlock {
  BlockKind kind = BlockKind::none;
  uint32_t call = 0;
  std::string id, name;       // of a call, escaped
  std::string content;        // escaped: text, thinking, data, or the JSON text of the input
  std::string signature;      // escaped
  bool ended = false;         // its signature came: more thinking is another block
  bool unsigned_yet = false;  // thinking of a language that may never sign it
};

// What every answer needs from its events besides the blocks.
class ReplyFacts {
 public:
  explicit ReplyFacts(const ReplyShape& shape) : shape_(shape) {}
  bool shows_reasoning() const { return shape_.echo_reasoning; }
  const std::string& request_id() const { return shape_.request_id; }

  // {"id":...,"model":...,"content": left to the caller}: the members before the content.
  void write_head(json::Writer& out, const canon::Start& start) const {
    const bool own = start.id.escaped.starts_with("msg_");
    out.key("id");
    if (own)
      out.text(start.id);
    else if (!shape_.request_id.empty())
      out.string("msg_" + shape_.request_id);
    else
      out.text({"msg_" + std::string(start.id.escaped)});
    out.key("type").string("message").key("role").string("assistant").key("model").text(start.model);
  }

  std::string call_id(const canon::ToolCallStart& call) const {
    constexpr IdRule kIdRule{128, ""};  // clients send them back, and the vendor takes no others
    if (!call.id.empty()) return legal_id(json::unescape(call.id), kIdRule);
    return legal_id("toolu_" + shape_.request_id + "_" + std::to_string(call.call), kIdRule);
  }

  // Clients go by the reason when they run tools, and some servers say `stop` after a call.
  static std::string_view reason_name(canon::StopReason reason, bool calls, bool refused) {
    using enum canon::StopReason;
    if (reason == tool_calls && !calls) reason = end;
    if (calls && (reason == end || reason == unknown)) reason = tool_calls;
    if (refused && (reason == end || reason == unknown)) reason = filtered;
    return name_of(reason);
  }

  static void write_stop(json::Writer& out, std::string_view reason, const canon::Stop& stop) {
    out.key("stop_reason").string(reason).key("stop_sequence");
    if (stop.sequence.empty())
      out.null();
    else
      out.text(stop.sequence);
    if (!stop.original.empty()) out.key("native_stop_reason").text(stop.original);
  }

 private:
  ReplyShape shape_;
};

std::unique_ptr<ReplyEncoder> make_stream_encoder(const ReplyShape& shape);
std::unique_ptr<ReplyEncoder> make_body_encoder(const ReplyShape& shape);

}  // namespace hanse::anthropic_messages
