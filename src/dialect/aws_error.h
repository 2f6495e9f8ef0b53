// Errors as AWS's services of models tell them, whatever the language of the bodies: {"message":...} whose
// name stands in the header x-amzn-errortype, and in a stream a frame that says :message-type exception.
//
//   aws_error::exception_name(Error(Code::rate_limited, "slow"))       // "ThrottlingException"
//   Error error = aws_error::read_error(429, R"({"message":"slow"})");
#pragma once

#include <string>
#include <string_view>

#include "base/error.h"
#include "base/json.h"

namespace hanse::aws_error {

// {"message":...}; the name goes to a header.
std::string error_body(const Error& error);
int client_status(const Error& error);
std::string_view exception_name(const Error& error);
// A whole frame.
std::string exception_frame(const Error& error);
// "com.amazonaws.bedrock#ThrottlingException:http://internal.amazon.com/...": the name alone, as header and
// body may have it.
std::string_view bare_name(std::string_view type);
// The body may name it as `__type` or as `code`; where the header does, that counts.
Error read_error(int status, std::string_view body);
// Of a frame whose :message-type is exception or error.
Error error_of_exception(std::string_view type, json::Value body);

}  // namespace hanse::aws_error
