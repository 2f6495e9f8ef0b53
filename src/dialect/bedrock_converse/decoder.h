// A client's request as it is taken apart: the options in decode_request.cc, the conversation in
// decode_content.cc. What has no home in the canonical form goes to the extras by its path.
#pragma once

#include <initializer_list>

#include "canon/request.h"
#include "dialect/read.h"

namespace hanse::bedrock_converse {

class RequestDecoder {
 public:
  explicit RequestDecoder(canon::Request& request) : request_(request) {}
  Result<void> decode(json::Value root);

 private:
  using Value = json::Value;
  using Parts = std::vector<canon::Part>;
  using Kind = canon::MediaPart::Kind;

  // decode_request.cc
  Result<void> field(std::string_view name, Value value, const Place& at);
  Result<void> inference(Value config, const Place& at);
  Result<void> stop_sequences(Value list, const Place& at);
  Result<void> tools(Value config, const Place& at);
  Result<void> tool(Value value, const Place& at);
  Result<void> tool_choice(Value choice, const Place& at);
  Result<void> output(Value config, const Place& at);
  Result<void> text_format(Value format, const Place& at);
  Result<void> service_tier(Value tier, const Place& at);
  void model_field(Value field, const Place& at);
  bool thinking(Value thinking);
  bool reasoning_config(Value config);
  bool only_parallel(Value choice);

  // decode_content.cc
  Result<void> system(Value list, const Place& at);
  Result<void> messages(Value list, const Place& at);
  Result<void> message(Value value, const Place& at);
  Result<void> contents(Value list, Parts& parts, const Place& at, canon::Role role);
  Result<void> block(Value block, Parts& parts, const Place& at, canon::Role role);
  Result<void> content(std::string_view name, Value inside, Parts& parts, const Place& at);
  Result<void> text(Value value, Parts& parts, const Place& at);
  Result<void> texts(Value list, Parts& parts, const Place& at);
  Result<void> media(Value value, Kind kind, Parts& parts, const Place& at);
  Result<void> source(Value source, canon::MediaPart& media, const Place& at);
  Result<void> bytes(Value value, canon::MediaPart& media, const Place& at);
  void plain_document(canon::MediaPart& media);
  Result<void> reasoning(Value value, Parts& parts, const Place& at);
  Result<void> tool_use(Value value, Parts& parts, const Place& at);
  Result<void> tool_result(Value value, Parts& parts, const Place& at);
  Result<void> result_content(Value block, Parts& parts, const Place& at);
  Result<void> search_result(Value value, Parts& parts, const Place& at);
  Result<void> guarded(Value value, Parts& parts, const Place& at);
  Result<void> cited(Value value, Parts& parts, const Place& at);
  Result<canon::Raw> cache_point(Value point, const Place& at);
  // Marks what stands before it; false when nothing there can be marked.
  static bool mark(Parts& parts, canon::Raw marker);

  // The one member of a union that is present.
  Result<Value> only_member(Value value, const Place& at);
  void extra(Value value, const Place& at) {
    if (!asks_nothing(value)) request_.extras.push_back({at.path(), value.raw()});
  }
  // Members of `object` that are not among `known` become extras.
  void rest(Value object, const Place& at, std::initializer_list<std::string_view> known);

  canon::Request& request_;
};

}  // namespace hanse::bedrock_converse
