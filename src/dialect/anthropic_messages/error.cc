// Errors both ways: what a client of this dialect reads, and what a provider's refusal says.
#include "dialect/anthropic_messages/wire.h"

namespace hanse::anthropic_messages {
namespace {

struct TypeRow {
  std::string_view type;
  int status;
  Code code;
};
// The SDKs raise by status; people and frameworks look at the type.
constexpr TypeRow kTypes[] = {
    {"invalid_request_error", 400, Code::bad_request}, {"authentication_error", 401, Code::unauthenticated},
    {"billing_error", 402, Code::over_budget},         {"permission_error", 403, Code::denied},
    {"not_found_error", 404, Code::not_found},         {"timeout_error", 408, Code::timed_out},
    {"request_too_large", 413, Code::too_large},       {"request_too_large", 431, Code::head_too_large},
    {"rate_limit_error", 429, Code::rate_limited},     {"api_error", 500, Code::provider_failed},
    {"timeout_error", 504, Code::timed_out},           {"overloaded_error", 529, Code::overloaded},
};

std::string_view type_of_status(int status) {
  for (const auto& row : kTypes)
    if (row.status == status) return row.type;
  return status >= 500 ? "api_error" : "invalid_request_error";
}

// The beginning of what a proxy or another server said, on one line.
std::string excerpt(std::string_view body) {
  constexpr size_t kExcerptBytesMax = 200;
  std::string out;
  for (char c : body.substr(0, kExcerptBytesMax)) {
    bool space = static_cast<unsigned char>(c) <= ' ';
    if (!space)
      out += c;
    else if (!out.empty() && out.back() != ' ')
      out += ' ';
  }
  while (!out.empty() && out.back() == ' ') out.pop_back();
  return out;
}

// Ours and other servers' shapes: {"error":{"type","message"}}, {"error":"..."}, {"message":...},
// {"detail":...}.
void read_body(json::Value root, Error& error) {
  json::Value inner = root["error"];
  if (inner.is_string()) error.message = inner.string();
  json::Value holder = inner.is_object() ? inner : root;
  for (std::string_view key : {"message", "detail"})
    if (error.message.empty() && holder[key].is_string()) error.message = holder[key].string();
  if (inner.is_object()) error.provider_type = inner["type"].string();
  if (error.provider_type.empty() && inner["code"].is_string()) error.provider_type = inner["code"].string();
}

void write_error(json::Writer& out, const Error& error, std::string_view request_id) {
  std::string message = error.message;
  if (!error.field.empty() && message.find(error.field) == std::string::npos)
    message = error.field + ": " + message;
  out.object().key("type").string("error").key("error").object();
  out.key("type").string(type_of_status(client_status(error)));
  out.key("message").string(message).end_object();
  out.key("request_id");
  if (request_id.empty())
    out.null();
  else
    out.string(request_id);
  out.end_object();
}

}  // namespace

int client_status(const Error& error) {
  const int status = error.http_status();
  // The vendor has its own status for "no room now"; its SDKs know it by that.
  if (status == 503) return 529;
  return status < 400 || status > 599 ? 500 : status;
}

std::string encode_error(const Error& error, std::string_view request_id) {
  std::string out;
  json::Writer writer(out);
  write_error(writer, error, request_id);
  return out;
}

Error decode_error(int status, std::string_view body) {
  constexpr int kDepthMax = 16;
  Error error(code_of_status(status), "");
  error.status = status;
  json::Document document;
  auto root = document.parse(body, kDepthMax);
  if (root) read_body(*root, error);
  if (error.message.empty()) {
    error.message = "the provider answered with status " + std::to_string(status);
    if (!root && !body.empty()) error.message += ": " + excerpt(body);
  }
  return error;
}

Error error_of_event(json::Value root) {
  Error error(Code::provider_failed, "");
  read_body(root, error);
  for (const auto& row : kTypes)
    if (row.type == error.provider_type) {
      error.code = row.code;
      break;
    }
  if (error.message.empty()) error.message = "the provider reported an error inside its stream";
  return error;
}

}  // namespace hanse::anthropic_messages
