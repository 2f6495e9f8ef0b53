#include "dialect/aws_error.h"

#include <fmt/format.h>

#include "dialect/frame/event_stream.h"

namespace hanse::aws_error {
namespace {

struct Row {
  std::string_view name;
  int status;
  Code code;
  std::string_view in_stream;  // the exceptions that a stream may have are fewer
};
// Of several with one status the first is what is written.
constexpr Row kRows[] = {
    {"ValidationException", 400, Code::bad_request, "validationException"},
    {"ServiceQuotaExceededException", 400, Code::rate_limited, "throttlingException"},
    {"AccessDeniedException", 403, Code::denied, "validationException"},
    {"UnrecognizedClientException", 403, Code::unauthenticated, "validationException"},
    {"InvalidSignatureException", 403, Code::unauthenticated, "validationException"},
    {"IncompleteSignatureException", 403, Code::unauthenticated, "validationException"},
    {"ExpiredTokenException", 403, Code::unauthenticated, "validationException"},
    {"ResourceNotFoundException", 404, Code::not_found, "validationException"},
    {"ModelTimeoutException", 408, Code::timed_out, "modelStreamErrorException"},
    {"ModelErrorException", 424, Code::provider_failed, "modelStreamErrorException"},
    {"ModelStreamErrorException", 424, Code::provider_failed, "modelStreamErrorException"},
    {"ThrottlingException", 429, Code::rate_limited, "throttlingException"},
    {"ModelNotReadyException", 429, Code::overloaded, "throttlingException"},
    {"InternalServerException", 500, Code::provider_failed, "internalServerException"},
    {"ServiceUnavailableException", 503, Code::overloaded, "serviceUnavailableException"},
};

constexpr const Row& row_named(std::string_view name) {
  for (const Row& row : kRows)
    if (row.name == name) return row;
  return kRows[0];
}

const Row& row_of(const Error& error) {
  const int status = client_status(error);
  if (error.code == Code::over_budget && status == 400) return row_named("ServiceQuotaExceededException");
  for (const Row& row : kRows)
    if (row.name == error.provider_type && row.status == status) return row;
  if (error.code == Code::unauthenticated && status == 403) return row_named("UnrecognizedClientException");
  for (const Row& row : kRows)
    if (row.status == status) return row;
  return row_named(status < 500 ? "ValidationException" : "InternalServerException");
}

std::string message_of(const Error& error) {
  if (error.field.empty() || error.message.find(error.field) != std::string::npos) return error.message;
  return error.field + ": " + error.message;
}

std::string said_in(json::Value body) {
  for (std::string_view name : {"message", "Message", "originalMessage", "errorMessage"})
    if (body[name].is_string() && !body[name].text().empty()) return body[name].string();
  return {};
}

}  // namespace

// The SDK knows an error by its status where it doesn't know the type.
int client_status(const Error& error) {
  const int status = error.http_status();
  switch (status) {
    case 401:
      return 403;
    case 402:  // which no SDK shall try again
    case 413:
    case 422:
      return 400;
    case 502:
      return 500;
    case 504:
    case 529:
      return 503;
    default:
      return status < 400 || status > 599 ? 500 : status;
  }
}

std::string_view bare_name(std::string_view type) {
  type = type.substr(0, type.find(':'));
  return type.substr(type.rfind('#') + 1);
}

std::string_view exception_name(const Error& error) { return row_of(error).name; }

std::string error_body(const Error& error) {
  std::string out;
  json::Writer w(out);
  w.object().key("message").string(message_of(error)).end_object();
  return out;
}

std::string exception_frame(const Error& error) {
  std::string headers, out;
  event_stream::append_header(headers, ":exception-type", row_of(error).in_stream);
  event_stream::append_header(headers, ":content-type", "application/json");
  event_stream::append_header(headers, ":message-type", "exception");
  event_stream::Frame frame(out, headers);
  out += error_body(error);
  frame.end();
  return out;
}

Error read_error(int status, std::string_view body) {
  constexpr int kDepthMax = 32;
  constexpr int kModelFailed = 424;
  Error out(status == kModelFailed ? Code::provider_failed : code_of_status(status), {});
  out.status = status;
  json::Document document;
  if (auto root = document.parse(body, kDepthMax)) {
    out.message = said_in(*root);
    out.provider_type = bare_name((*root)[(*root)["__type"].is_string() ? "__type" : "code"].string());
  }
  if (out.message.empty()) out.message = fmt::format("the provider answered with status {}", status);
  return out;
}

Error error_of_exception(std::string_view type, json::Value body) {
  type = bare_name(type);
  Error out(Code::provider_failed, said_in(body));
  out.provider_type = type;
  auto same = [&](std::string_view name) {  // a stream begins the name with a small letter
    return name.size() == type.size() && !name.empty() && (name[0] | 0x20) == (type[0] | 0x20) &&
           name.substr(1) == type.substr(1);
  };
  for (const Row& row : kRows)
    if (same(row.name)) out.code = row.code;
  if (out.message.empty())
    out.message = fmt::format("the provider reported {} inside its stream", type.empty() ? "an error" : type);
  return out;
}

}  // namespace hanse::aws_error
