// Reads a client's request into the canonical form. What an assistant did in a row (thoughts, texts, calls)
// is one turn, as other languages have it; what has no home there goes to the extras by its path.
#pragma once

#include "canon/request.h"
#include "dialect/openai_responses/spot.h"
#include "dialect/read.h"

namespace hanse::openai_responses {

class RequestDecoder {
 public:
  explicit RequestDecoder(canon::Request& request) : request_(request) {}
  Result<void> decode(json::Value root);

 private:
  using Part = canon::Part;
  using Value = json::Value;

  // decode_request.cc: what stands around the conversation
  Result<void> field(std::string_view name, Value value, const Place& at);
  Result<bool> sampling(std::string_view name, Value value, const Place& at);
  Result<bool> labels(std::string_view name, Value value, const Place& at);
  Result<bool> kept_elsewhere(std::string_view name, Value value, const Place& at);
  Result<void> include(Value list, const Place& at);
  Result<void> reasoning_options(Value value, const Place& at);
  Result<void> text_options(Value value, const Place& at);
  Result<void> json_schema(Value value, const Place& at);

  // decode_request_tools.cc: the tools
  Result<void> tools(Value list, const Place& at);
  Result<void> tool(Value value, canon::Tool tool, const Place& at);
  Result<void> function(Value value, canon::Tool& tool, const Place& at);
  Result<void> custom(Value value, canon::Tool& tool, const Place& at);
  Result<void> group(Value value, const Place& at);
  Result<void> tool_choice(Value value, const Place& at);
  Result<void> tool_choice_object(Value value, const Place& at);
  Result<void> chosen(Value value, const Place& at);

  // decode_request_input.cc: the conversation
  Result<void> conversation(Value root);
  Result<void> item(Value item, const Place& at);
  Result<void> message(Value item, const Place& at);
  Result<void> reasoning(Value item, const Place& at);
  Result<void> call(Value item, const Place& at, bool custom);
  Result<void> call_output(Value item, const Place& at);
  Result<void> other_item(Value item, json::Text type, const Place& at);
  Result<void> summary(Value item, const Place& at);
  canon::Turn& assistant_turn(bool may_begin_another, const Place& at);
  canon::Turn& new_turn(canon::Role role, const Place& at);

  // decode_request_parts.cc: what a message holds
  Result<void> content(Value value, std::vector<Part>& parts, const Place& at);
  Result<void> part(Value value, std::vector<Part>& parts, const Place& at);
  Result<void> text(Value value, std::vector<Part>& parts, const Place& at);
  Result<void> image(Value value, std::vector<Part>& parts, const Place& at);
  Result<void> file(Value value, std::vector<Part>& parts, const Place& at);

  void extra(Value value, const Place& at) {
    if (!asks_nothing(value)) request_.extras.push_back({at.path(), value.raw()});
  }

  // The members of `names`, in one pass; the rest goes to the extras.
  template <size_t N>
  std::array<Value, N> members(Value object, const Place& at, const std::array<std::string_view, N>& names) {
    return read_members<N>(object, names, request_.arena,
                           [&](Value other) { extra(other, at[other.key().escaped]); });
  }

  canon::Request& request_;
};

}  // namespace hanse::openai_responses
