// A client's request as it is taken apart: the options in decode_request.cc, the conversation in
// decode_content.cc.
#pragma once

#include <initializer_list>

#include "canon/request.h"
#include "dialect/anthropic_messages/place.h"

namespace hanse::anthropic_messages {

class RequestDecoder {
 public:
  explicit RequestDecoder(canon::Request& request, bool hosted = false)
      : request_(request), hosted_(hosted) {}
  Result<void> decode(json::Value root);

 private:
  // decode_request.cc
  Result<void> options(std::span<const json::Value> fields);
  Result<void> sampling(std::span<const json::Value> fields);
  Result<void> tools(json::Value tools);
  Result<void> tool(json::Value tool, const Place& at);
  Result<void> tool_choice(json::Value choice);
  Result<void> thinking(json::Value thinking);
  Result<void> output_config(json::Value config);
  Result<void> output_format(json::Value format, const Place& at);
  Result<void> metadata(json::Value metadata);

  // decode_content.cc
  Result<void> system(json::Value system);
  Result<void> messages(json::Value messages);
  Result<void> message(json::Value message, const Place& at);
  // A string or blocks.
  Result<void> content(json::Value content, const Place& at, canon::Role role,
                       std::vector<canon::Part>& parts);
  Result<void> block(json::Value block, const Place& at, canon::Role role, std::vector<canon::Part>& parts);
  Result<void> in_system(json::Value block, const Place& at);
  Result<void> text(json::Value block, const Place& at, std::vector<canon::Part>& parts);
  Result<void> media(json::Value block, const Place& at, canon::MediaPart::Kind kind,
                     std::vector<canon::Part>& parts);
  Result<void> reasoning(json::Value block, const Place& at, bool redacted, std::vector<canon::Part>& parts);
  Result<void> tool_use(json::Value block, const Place& at, std::vector<canon::Part>& parts);
  Result<void> tool_result(json::Value block, const Place& at, std::vector<canon::Part>& parts);

  // Nothing and null are left alone.
  static Result<void> read(json::Value from, const Place& at, canon::Text& to);
  static Result<void> read(json::Value from, const Place& at, std::optional<bool>& to);
  static Result<void> need(json::Value from, const Place& at, canon::Text& to);
  static canon::Raw raw(json::Value from) { return from.present() ? from.raw() : canon::Raw(); }
  void extra(json::Value value, const Place& at);
  // Members of `object` that are not among `known` become extras.
  void rest(json::Value object, const Place& at, std::initializer_list<std::string_view> known);

  canon::Request& request_;
  const bool hosted_;
};

}  // namespace hanse::anthropic_messages
