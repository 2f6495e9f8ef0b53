#include "dialect/openai_vendor.h"

#include <fmt/format.h>

#include <charconv>

namespace hanse::openai {
namespace {

ErrorWords own_words(const Error& error) {
  switch (error.code) {
    case Code::unauthenticated:
      return {"invalid_request_error", "invalid_api_key"};
    case Code::denied:
      return {"invalid_request_error", "permission_denied"};
    case Code::not_found:
      // What a provider doesn't find is the model: its path was ours.
      return {"invalid_request_error",
              error.field == "model" || error.status == 404 ? "model_not_found" : "not_found"};
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
  return facts(error.code).fault == Fault::client ? ErrorWords{"invalid_request_error", ""}
                                                  : ErrorWords{"server_error", facts(error.code).name};
}

}  // namespace

ErrorWords words_of(const Error& error) {
  ErrorWords words = own_words(error);
  // Another vendor's type ("overloaded_error") is no code that a client of this vendor's knows.
  bool code_given = !error.provider_type.empty() && !error.provider_type.ends_with("_error");
  if (code_given) words.code = error.provider_type;
  return words;
}

std::string error_body(const Error& error) {
  ErrorWords words = words_of(error);
  std::string out;
  json::Writer w(out);
  auto string_or_null = [&](std::string_view text) { text.empty() ? w.null() : w.string(text); };
  w.object().key("error").object().key("message").string(error.message).key("type").string(words.type);
  w.key("param");
  string_or_null(error.field);
  w.key("code");
  string_or_null(words.code);
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

Error read_reply_error(json::Value error) {
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

namespace {

void write_model(json::Writer& w, const ModelInfo& model) {
  w.object().key("id").string(model.id).key("object").string("model").key("created").number(model.created);
  w.key("owned_by").string(model.owner).end_object();
}

}  // namespace

std::string model_body(const ModelInfo& model) {
  std::string out;
  json::Writer w(out);
  write_model(w, model);
  return out;
}

std::string models_body(std::span<const ModelInfo> models) {
  std::string out;
  json::Writer w(out);
  w.object().key("object").string("list").key("data").array();
  for (const ModelInfo& model : models) write_model(w, model);
  w.end_array().end_object();
  return out;
}

}  // namespace hanse::openai
