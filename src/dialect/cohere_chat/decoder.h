// Reads a client's request into the canonical form, one turn a message; what has no home there goes to the
// extras by its path.
#pragma once

#include "canon/request.h"
#include "dialect/read.h"

namespace hanse::cohere_chat {

class RequestDecoder {
 public:
  explicit RequestDecoder(canon::Request& request) : request_(request) {}
  Result<void> decode(json::Value root);

 private:
  using Value = json::Value;
  using Parts = std::vector<canon::Part>;

  // decode_request.cc: what stands around the conversation
  Result<void> field(std::string_view name, Value value, const Place& at);
  Result<bool> sampling(std::string_view name, Value value, const Place& at);
  Result<void> tools(Value list, const Place& at);
  Result<void> tool_choice(Value value, const Place& at);
  Result<void> response_format(Value value, const Place& at);
  Result<void> thinking(Value value, const Place& at);
  Result<void> stop_sequences(Value list, const Place& at);

  // decode_messages.cc: the conversation
  Result<void> messages(Value list, const Place& at);
  Result<void> message(Value value, const Place& at);
  Result<void> assistant(Value message, canon::Turn& turn, const Place& at);
  Result<void> tool_call(Value call, canon::Turn& turn, const Place& at);
  Result<void> tool_result(Value message, canon::Turn& turn, const Place& at);
  Result<void> content(Value value, Parts& parts, const Place& at);
  Result<void> part(Value value, Parts& parts, const Place& at);
  Result<void> image(Value value, Parts& parts, const Place& at);
  Result<void> document(Value value, Parts& parts, const Place& at);

  void extra(Value value, const Place& at) {
    if (!asks_nothing(value)) request_.extras.push_back({at.path(), value.raw()});
  }

  canon::Request& request_;
  std::optional<bool> strict_tools_;
};

}  // namespace hanse::cohere_chat
