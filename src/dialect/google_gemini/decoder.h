// A client's request as it is taken apart: the options in decode_request.cc, the conversation in
// decode_content.cc. One turn a content; what has no home in the canonical form goes to the extras by its
// path.
#pragma once

#include <unordered_map>

#include "canon/request.h"
#include "dialect/google_gemini/fields.h"

namespace hanse::google_gemini {

class RequestDecoder {
 public:
  explicit RequestDecoder(canon::Request& request) : request_(request) {}
  Result<void> decode(json::Value root);

 private:
  using Value = json::Value;

  // decode_request.cc
  Result<void> names(Value tier, Value model);
  Result<void> generation_config(Value config);
  Result<bool> number(std::string_view name, Value value, const Place& at);
  Result<void> stops(Value list, const Place& at);
  Result<void> output(Value mime_type, Value schema, Value json_schema, const Place& config);
  Result<void> thinking(Value config, const Place& at);
  Result<void> tools(Value list);
  Result<void> tool(Value tool, const Place& at);
  Result<void> function(Value function, const Place& at, uint32_t number);
  Result<void> tool_config(Value config);
  Result<void> function_calling(Value config, const Place& at);

  // decode_content.cc
  Result<void> system(Value content);
  Result<void> contents(Value list);
  Result<void> content(Value content, const Place& at);
  Result<void> parts(Value list, const Place& at);
  struct PartFields;
  Result<void> part(Value part, const Place& at);
  Result<void> text(const PartFields& fields, const Place& at);
  void signature(canon::Text signature, std::string_view kind, const Place& at);
  void foreign_signature(std::string_view proof, bool redacted, const Place& at);
  Result<canon::MediaPart> inline_data(Value data, const Place& at);
  Result<canon::MediaPart> file_data(Value data, const Place& at);
  Result<void> media(canon::MediaPart media, Value resolution, const Place& at);
  Result<void> call(Value call, const Place& at);
  Result<void> result(Value result, const Place& at);
  void response(Value response, canon::ToolResultPart& result);

  // The calls that were made, by which results find theirs.
  struct Call {
    canon::Text id;
    size_t next = SIZE_MAX;  // of the same name
    bool answered = false;
  };
  struct Named {
    size_t first = SIZE_MAX, last = SIZE_MAX;
  };
  void remember(canon::Text id, canon::Text name);
  canon::Text call_of(canon::Text id, canon::Text name);
  canon::Text minted_id(const Place& at);

  std::vector<canon::Part>& here() { return request_.turns.back().parts; }
  void add(canon::Part part, const Place& at) {
    close_thought();
    part.at = static_cast<uint32_t>(at.index);
    here().push_back(std::move(part));
  }
  void thought(canon::Text text, const Place& at);
  canon::ReasoningPart* open_thought();
  void close_thought();

  void extra(Value value, const Place& at) {
    if (!asks_nothing(value) || value.is_object()) request_.extras.push_back({at.path(), value.raw()});
  }
  template <size_t N>
  std::array<Value, N> members(Value object, const Place& at, const std::array<std::string_view, N>& names) {
    return read_fields<N>(object, names, request_.arena,
                          [&](Value other) { extra(other, at[other.key().escaped]); });
  }
  std::string_view plain(canon::Text text) { return json::unescape(text, request_.arena); }

  canon::Request& request_;
  std::vector<Call> calls_;
  std::unordered_map<std::string_view, size_t> call_of_id_;
  std::unordered_map<std::string_view, Named> calls_of_name_;
  // Streams cut thoughts into many parts, which are one: the open one is the last part that was read.
  bool thought_open_ = false;
  size_t thought_turn_ = 0;
  std::string thought_;  // when it has more than one piece
};

// What a schema in the vendor's own terms (`parameters`, `responseSchema`: OpenAPI's) is in JSON schema.
Result<canon::Raw> json_schema_of(json::Value schema, const Place& at, Arena& arena);

}  // namespace hanse::google_gemini
