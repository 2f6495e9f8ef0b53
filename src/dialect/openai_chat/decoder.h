// Reads a client's request into the canonical form. One turn a message, so that the turns count as the
// client's messages do; what has no home there goes to the extras by its path.
#pragma once

#include "canon/request.h"
#include "dialect/read.h"

namespace hanse::openai_chat {

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
  Result<bool> streaming(std::string_view name, Value value, const Place& at);
  Result<bool> thinking(std::string_view name, Value value, const Place& at);
  Result<void> max_tokens(std::string_view name, Value value, const Place& at);
  Result<void> stop(Value value, const Place& at);
  Result<void> tools(Value list, const Place& at);
  Result<void> function(Value function, canon::Tool& tool, const Place& at);
  Result<void> tool_choice(Value value, const Place& at);
  Result<void> tool_choice_object(Value value, const Place& at);
  Result<void> response_format(Value value, const Place& at);
  Result<void> json_schema(Value value, const Place& at);

  // decode_messages.cc: the conversation
  Result<void> messages(Value list, const Place& at);
  Result<void> message(Value message, const Place& at);
  struct Message;
  Result<void> assistant(const Message& message, canon::Turn& turn, const Place& at);
  Result<void> reasoning(const Message& message, canon::Turn& turn, const Place& at);
  Result<void> tool_calls(Value list, canon::Turn& turn, const Place& at);
  Result<void> tool_call(Value call, canon::Turn& turn, const Place& at);
  Result<void> function_call(Value call, canon::Turn& turn, const Place& at);
  Result<void> tool_result(const Message& message, canon::Turn& turn, const Place& at, bool by_name);
  Result<void> content(Value value, std::vector<Part>& parts, const Place& at);

  // decode_parts.cc: the parts of a message
  Result<void> part(Value value, std::vector<Part>& parts, const Place& at);
  Result<void> text(Value value, std::vector<Part>& parts, const Place& at);
  Result<void> linked(Value value, canon::MediaPart::Kind kind, std::string_view key,
                      std::vector<Part>& parts, const Place& at);
  Result<void> audio(Value value, std::vector<Part>& parts, const Place& at);
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

}  // namespace hanse::openai_chat
