// Errors both ways: {"error":{"code","message","status","details":[...]}}, as all of Google's APIs have them;
// inside an array where the answer would have been one.
#include <fmt/format.h>

#include <charconv>

#include "dialect/google_gemini/wire.h"

namespace hanse::google_gemini {
namespace {

struct StatusRow {
  std::string_view word;
  int status;
  Code code;
};
// google.rpc.Code with its HTTP statuses. What comes first for a status is what clients are told.
constexpr StatusRow kStatuses[] = {
    {"INVALID_ARGUMENT", 400, Code::bad_request},
    {"FAILED_PRECONDITION", 400, Code::bad_request},
    {"OUT_OF_RANGE", 400, Code::bad_request},
    {"UNAUTHENTICATED", 401, Code::unauthenticated},
    {"PERMISSION_DENIED", 403, Code::denied},
    {"NOT_FOUND", 404, Code::not_found},
    {"ABORTED", 409, Code::overloaded},
    {"ALREADY_EXISTS", 409, Code::bad_request},
    {"RESOURCE_EXHAUSTED", 429, Code::rate_limited},
    {"CANCELLED", 499, Code::cancelled},
    {"INTERNAL", 500, Code::provider_failed},
    {"UNKNOWN", 500, Code::provider_failed},
    {"DATA_LOSS", 500, Code::provider_failed},
    {"UNIMPLEMENTED", 501, Code::provider_failed},
    {"UNAVAILABLE", 503, Code::overloaded},
    {"DEADLINE_EXCEEDED", 504, Code::timed_out},
};
constexpr std::string_view kTypes = "type.googleapis.com/google.rpc.";

std::string_view word_of(int status) {
  for (const StatusRow& row : kStatuses)
    if (row.status == status) return row.word;
  return status < 500 ? "INVALID_ARGUMENT" : "INTERNAL";
}

void write_detail(json::Writer& out, std::string_view type) {
  out.object().key("@type").string(std::string(kTypes).append(type));
}

void write_details(json::Writer& out, const Error& error) {
  const bool bad_key = error.code == Code::unauthenticated;
  if (error.field.empty() && !error.retry_after && !bad_key) return;
  out.key("details").array();
  if (bad_key) {  // by which the vendor's clients know it
    write_detail(out, "ErrorInfo");
    out.key("reason").string("API_KEY_INVALID").key("domain").string("googleapis.com").end_object();
  }
  if (!error.field.empty()) {
    write_detail(out, "BadRequest");
    out.key("fieldViolations").array().object().key("field").string(error.field);
    out.key("description").string(error.message).end_object().end_array().end_object();
  }
  if (error.retry_after) {
    write_detail(out, "RetryInfo");
    const auto ms = error.retry_after->count();
    const std::string delay =
        ms % 1000 ? fmt::format("{}.{:03}s", ms / 1000, ms % 1000) : fmt::format("{}s", ms / 1000);
    out.key("retryDelay").string(delay).end_object();
  }
  out.end_array();
}

// "48.939935699s", a google.protobuf.Duration.
std::optional<std::chrono::milliseconds> duration(std::string_view text) {
  constexpr double kMost = 1e6;
  double seconds = 0;
  if (!text.ends_with('s')) return {};
  auto [end, e] = std::from_chars(text.data(), text.data() + text.size() - 1, seconds);
  if (e != std::errc() || end != text.data() + text.size() - 1 || !(seconds >= 0 && seconds <= kMost))
    return {};
  return std::chrono::milliseconds(static_cast<int64_t>(seconds * 1000));
}

void read_details(json::Value details, Error& error) {
  for (json::Value each : details) {
    if (auto delay = duration(each["retryDelay"].text().escaped)) error.retry_after = delay;
    json::Value violations = each["fieldViolations"];
    if (error.field.empty() && violations.size() > 0) error.field = (*violations.begin())["field"].string();
    // The vendor says 400 for a bad key: everybody else's 401.
    if (each["reason"].text().escaped != "API_KEY_INVALID") continue;
    error.code = Code::unauthenticated;
    error.status = 401;
  }
}

void fill(Error& out, json::Value error) {
  out.message = error.is_string() ? error.string() : error["message"].string();
  out.provider_type = error["status"].string();
  read_details(error["details"], out);
}

}  // namespace

int client_status(const Error& error) {
  const int status = error.http_status();
  if (status == 529) return 503;  // Anthropic's
  return status < 400 || status > 599 ? 500 : status;
}

std::string encode_error(const Error& error) {
  std::string out;
  json::Writer writer(out);
  const int status = client_status(error);
  // Another vendor's word is none that a client of this dialect knows.
  std::string_view word = word_of(status);
  for (const StatusRow& row : kStatuses)
    if (row.word == error.provider_type) word = row.word;
  writer.object().key("error").object().key("code").number(status);
  writer.key("message").string(error.message).key("status").string(word);
  write_details(writer, error);
  writer.end_object().end_object();
  return out;
}

Error decode_error(int status, std::string_view body) {
  constexpr int kDepthMax = 32;
  Error error(code_of_status(status), "");
  error.status = status;
  json::Document document;
  if (auto root = document.parse(body, kDepthMax)) {
    json::Value outer = root->is_array() && root->size() ? *root->begin() : *root;
    fill(error, outer["error"]);
    for (std::string_view key : {"message", "detail", "error_description"})  // proxies' and OAuth's
      if (error.message.empty()) error.message = outer[key].string();
  }
  if (error.message.empty()) error.message = fmt::format("the provider answered with status {}", status);
  return error;
}

Error error_in_stream(json::Value error) {
  Error out(Code::provider_failed, "");
  fill(out, error);
  for (const StatusRow& row : kStatuses)
    if (row.word == out.provider_type) out.code = row.code;
  const int64_t status = error["code"].integer().value_or(0);
  if (out.provider_type.empty() && status >= 400 && status < 600)
    out.code = code_of_status(static_cast<int>(status));
  out.status = 0;  // the answer had begun with another one
  if (out.message.empty()) out.message = "the provider failed in the middle of its answer";
  return out;
}

}  // namespace hanse::google_gemini
