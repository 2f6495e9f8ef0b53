// OpenAI's errors: {"error":{"message","type","param","code"}}, with the types and codes that its SDKs map.
#include <fmt/format.h>

#include "dialect/openai_chat/wire.h"

namespace hanse::openai_chat {
namespace {

struct Words {
  std::string_view type;
  std::string_view code;  // empty: null
};

Words words_of(const Error& error) {
  switch (error.code) {
    case Code::unauthenticated:
      return {"invalid_request_error", "invalid_api_key"};
    case Code::denied:
      return {"invalid_request_error", "permission_denied"};
    case Code::not_found:
      return {"invalid_request_error", error.field == "model" ? "model_not_found" : "not_found"};
    case Code::rate_limited:
      return {"rate_limit_error", "rate_limit_exceeded"};
    case Code::over_budget:
      return {"insufficient_quota", "insufficient_quota"};
    case Code::overloaded:
    case Code::exhausted:
      return {"server_error", "overloaded"};
    case Code::timed_out:
      return {"server_error", "timeout"};
    case Code::unsupported:
      return {"invalid_request_error", "unsupported_parameter"};
    default:
      break;
  }
  return facts(error.code).fault == Fault::client ? Words{"invalid_request_error", ""}
                                                  : Words{"server_error", facts(error.code).name};
}

}  // namespace

std::string error_body(const Error& error) {
  Words words = words_of(error);
  std::string out;
  json::Writer w(out);
  w.object()
      .key("error")
      .object()
      .key("message")
      .string(error.message)
      .key("type")
      .string(words.type)
      .key("param");
  if (error.field.empty())
    w.null();
  else
    w.string(error.field);
  w.key("code");
  if (!error.provider_type.empty())
    w.string(error.provider_type);
  else if (words.code.empty())
    w.null();
  else
    w.string(words.code);
  w.end_object().end_object();
  return out;
}

// Anthropic's 529 is not known to OpenAI's SDKs, which retry a 503 alike.
int error_status(const Error& error) {
  int status = error.http_status();
  return status == 529 ? 503 : status;
}

Error read_stream_error(json::Value error) {
  std::string code =
      error["code"].is_string() ? error["code"].string() : std::string(error["code"].raw().json);
  int status =
      error["code"].type() == json::Type::number ? static_cast<int>(error["code"].integer().value_or(0)) : 0;
  Error out(status >= 400 && status < 600 ? code_of_status(status) : Code::provider_failed,
            error["message"].string());
  std::string type = error["type"].string();
  if (type == "rate_limit_error" || code == "rate_limit_exceeded") out.code = Code::rate_limited;
  if (type == "invalid_request_error") out.code = Code::bad_request;
  out.provider_type = code.empty() || code == "null" ? type : code;
  if (out.message.empty())
    out.message = error.is_string() ? error.string() : "the provider failed in the middle of its answer";
  return out;
}

Error read_error(int status, std::string_view body) {
  Error out(code_of_status(status), {});
  out.status = status;
  json::Document document;
  if (auto root = document.parse(body, 64)) {
    json::Value error = root->is_array() && root->size() ? (*root->begin())["error"] : (*root)["error"];
    out.message = error.is_string() ? error.string() : error["message"].string();
    if (out.message.empty()) out.message = (*root)["message"].string();
    if (out.message.empty()) out.message = (*root)["detail"].string();
    out.provider_type = error["code"].is_string() ? error["code"].string() : error["type"].string();
    out.field = error["param"].string();
  }
  if (out.message.empty()) out.message = fmt::format("the provider answered with status {}", status);
  return out;
}

}  // namespace hanse::openai_chat
