// Answers that Hanse gives by itself, in the client's dialect, and the headers that every answer carries.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "gateway/call_state.h"

namespace hanse::gateway {

// Headers of an answer; owns the values that had to be made.
class AnswerHeaders {
 public:
  explicit AnswerHeaders(const CallState& call);  // x-request-id and its twin in the client's dialect
  void add(std::string_view name, std::string_view value) { fields_.push_back({name, value}); }
  void add_owned(std::string_view name, std::string value);
  void add_both_owned(std::string name, std::string value);
  std::span<const net::HeaderField> fields() const { return fields_; }

 private:
  std::vector<net::HeaderField> fields_;
  std::vector<std::unique_ptr<std::string>> owned_;
};

// The offers that were not asked, in x-hanse-skipped ("bedrock/nova-micro takes no images"), and what was
// done, in x-hanse-explain, where the client wants to know.
void add_explained(AnswerHeaders& headers, const CallState& call);

// The error in the client's dialect (with the provider's own bytes where it speaks the same), or in the
// middle of a stream as that dialect's in-stream error; sets call.status and call.error.
net::Task<void> answer_error(CallState& call, const Error& error);

// Milliseconds as Retry-After: whole seconds, at least 1.
std::string retry_after_seconds(milliseconds wait);

}  // namespace hanse::gateway
