// The Response object of an answer: every field that the vendor's specification has, with what was asked
// repeated, and the vendor's defaults where nothing was.
//
//   ResponseObject response(shape);
//   response.begin(start);
//   response.write(out, {.status = "in_progress"});
//
// One an answer, owned by its encoder.
#pragma once

#include <string>
#include <string_view>

#include "canon/event.h"
#include "dialect/dialect.h"

namespace hanse::openai_responses {

class ResponseObject {
 public:
  explicit ResponseObject(const ReplyShape& shape) : shape_(shape) {}
  void begin(const canon::Start& start);
  bool begun() const { return !id_.empty(); }

  // What changes while an answer comes.
  struct State {
    std::string_view status;
    std::string_view output = {};         // the items, with commas between them
    const canon::Usage* usage = nullptr;  // when it is known
    std::string_view incomplete_reason = {};
    std::string_view native_reason = {};  // the provider's own word for an end that nobody knows, escaped
    const Error* error = nullptr;
  };
  void write(std::string& out, const State& state) const;

  // "fc_<answer>_<number>" and its kin, escaped.
  std::string item_id(std::string_view prefix, size_t number) const;

 private:
  // The request as it is repeated behind the fields that change: built once.
  void build_asked();
  canon::Raw echo(std::string_view name) const;
  void repeat(json::Writer& out, std::string_view name, std::string_view otherwise) const;
  void write_reasoning(json::Writer& out) const;
  void write_text(json::Writer& out) const;
  void write_format(json::Writer& out) const;
  void write_tier(json::Writer& out) const;

  const ReplyShape& shape_;
  std::string id_, model_;  // escaped
  int64_t created_ = 0;
  std::string before_output_, behind_output_;
};

}  // namespace hanse::openai_responses
