// OpenAI's errors: {"error":{"message","type","param","code"}}, with the types and codes that its SDKs map.
#include <fmt/format.h>

#include "dialect/openai_chat/wire.h"
#include "dialect/read.h"

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
  // Another vendor's type ("overloaded_error") is no code that a client of this dialect knows.
  bool own = !error.provider_type.empty() && !error.provider_type.ends_with("_error");
  std::string_view code = own ? std::string_view(error.provider_type) : words.code;
  std::string out;
  json::Writer w(out);
  auto string_or_null = [&](std::string_view text) { text.empty() ? w.null() : w.string(text); };
  w.object().key("error").object().key("message").string(error.message).key("type").string(words.type);
  w.key("param");
  string_or_null(error.field);
  w.key("code");
  string_or_null(code);
  w.end_object().end_object();
  return out;
}

// Anthropic's 529 is not known to OpenAI's SDKs, which retry a 503 alike.
int error_status(const Error& error) {
  int status = error.http_status();
  return status == 529 ? 503 : status;
}

namespace {

// A status that stands in the error itself, as a number or its text (Azure's); else 0.
int status_in(json::Value code) {
  int64_t status = code.integer().value_or(0);
  std::string_view text = code.text().escaped;
  std::from_chars(text.data(), text.data() + text.size(), status);
  return status >= 400 && status < 600 ? static_cast<int>(status) : 0;
}

struct KnownType {
  std::string_view word;
  Code code;
};
constexpr KnownType kKnownTypes[] = {
    {"rate_limit_exceeded", Code::rate_limited},    {"rate_limit_error", Code::rate_limited},
    {"insufficient_quota", Code::rate_limited},     {"invalid_request_error", Code::bad_request},
    {"context_length_exceeded", Code::bad_request}, {"invalid_api_key", Code::unauthenticated},
    {"model_not_found", Code::not_found},           {"overloaded_error", Code::overloaded},
    {"server_overloaded", Code::overloaded},        {"engine_overloaded", Code::overloaded},
};

void fill(Error& out, json::Value error) {
  out.message = error.is_string() ? error.string() : error["message"].string();
  out.field = error["param"].string();
  json::Value code = error["code"];
  out.provider_type = code.is_string() ? code.string() : error["type"].string();
}

}  // namespace

json::Value find_error(json::Value root) {
  json::Value error = root["error"];
  if (!asks_nothing(error)) return error;
  return root["object"].text().escaped == "error" ? root : json::Value();  // older vLLM's
}

Error read_stream_error(json::Value error) {
  Error out(Code::provider_failed, {});
  fill(out, error);
  std::string type = error["type"].string();
  if (int status = status_in(error["code"])) out.code = code_of_status(status);
  for (const KnownType& known : kKnownTypes)
    if (known.word == type || known.word == out.provider_type) out.code = known.code;
  if (out.message.empty()) out.message = "the provider failed in the middle of its answer";
  return out;
}

Error read_error(int status, std::string_view body) {
  Error out(code_of_status(status), {});
  out.status = status;
  json::Document document;
  if (auto root = document.parse(body, 64)) {
    json::Value outer =
        root->is_array() && root->size() ? *root->begin() : *root;  // Google's, when streaming
    fill(out, outer["error"]);
    for (auto name : {"message", "detail"})  // other servers'
      if (out.message.empty()) out.message = outer[name].string();
  }
  if (out.message.empty()) out.message = fmt::format("the provider answered with status {}", status);
  return out;
}

}  // namespace hanse::openai_chat
