#include "cloud/auth/granter.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "base/assert.h"

namespace hanse::cloud {
namespace {

constexpr int kDepthMax = 16;
constexpr size_t kShownMax = 300;

// Everything but letters, digits and -._~ as %XX.
void append_form_text(std::string_view text, std::string& out) {
  constexpr char kHex[] = "0123456789ABCDEF";
  for (char c : text) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                       c == '-' || c == '.' || c == '_' || c == '~';
    if (plain) {
      out += c;
      continue;
    }
    const auto byte = static_cast<unsigned char>(c);
    out.append({'%', kHex[byte >> 4], kHex[byte & 15]});
  }
}

// What a server says of its refusal goes into messages and logs: short, and one line.
std::string shown(std::string text) {
  text.resize(std::min(text.size(), kShownMax));
  for (char& c : text)
    if (static_cast<unsigned char>(c) < ' ' || c == 0x7f) c = ' ';
  return text;
}

// {"error":"invalid_grant","error_description":"..."} of OAuth, {"error":{"message"}} of Google's APIs.
std::string reason_of(std::string_view body, json::Document& document) {
  auto root = document.parse(body, kDepthMax);
  if (!root) return {};
  const json::Value error = (*root)["error"];
  std::string name = error.is_object() ? error["status"].string() : error.string();
  std::string text = error.is_object() ? error["message"].string() : (*root)["error_description"].string();
  if (name.empty() || text.empty()) return shown(name + text);
  return shown(name + ": " + text);
}

// Some servers write numbers as strings.
std::optional<int64_t> number_in(json::Value value) {
  if (!value.is_string()) return value.integer();
  const std::string text = value.string();
  int64_t out = 0;
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out);
  if (error != std::errc() || end != text.data() + text.size()) return {};
  return out;
}

}  // namespace

std::string form_text(const Form& form) {
  std::string out;
  for (const auto& [name, value] : form) {
    if (value.empty()) continue;
    if (!out.empty()) out += '&';
    append_form_text(name, out);
    out += '=';
    append_form_text(value, out);
  }
  return out;
}

WebRequest post_form(const Url& url, const Form& form) {
  WebRequest out;
  out.url = url;
  out.content_type = "application/x-www-form-urlencoded";
  out.body = Secret(form_text(form));
  return out;
}

Result<json::Value> read_answer(const WebAnswer& answer, json::Document& document) {
  if (answer.status != 200) {
    std::string reason = reason_of(answer.body, document);
    return fail(Code::provider_failed,
                fmt::format("status {}{}{}", answer.status, reason.empty() ? "" : ": ", reason));
  }
  auto root = document.parse(answer.body, kDepthMax);
  if (!root || !root->is_object())
    return fail(Code::malformed_reply, "the answer is not the JSON that was expected");
  return *root;
}

Result<Grant> bearer(std::string token, int64_t life_s) {
  if (token.empty()) return fail(Code::malformed_reply, "the answer holds no token");
  if (!std::ranges::all_of(token, [](char c) { return c > ' ' && c < 0x7f; }))
    return fail(Code::malformed_reply, "the token has a byte that none may have");
  if (life_s <= 0) return fail(Code::malformed_reply, "the token that was given has ended already");
  Grant out;
  out.token = Secret(token);
  out.life_s = life_s;
  return out;
}

Result<Grant> read_token(const WebAnswer& answer, const Outside& outside) {
  json::Document document;
  TRY(json::Value root, read_answer(answer, document));
  auto life_s = number_in(root["expires_in"]);
  if (auto ends = number_in(root["expires_on"]); ends && !life_s) life_s = *ends - outside.now_unix;
  if (!life_s) return fail(Code::malformed_reply, "the answer does not say when the token ends");
  return bearer(root["access_token"].string(), *life_s);
}

Result<Secret> token_of_file(const std::string& path, const Outside& outside) {
  constexpr std::string_view kBlanks = " \t\r\n";
  auto text = outside.read_file(path);
  if (!text) return fail(Code::bad_request, fmt::format("{}: {}", path, text.error().message));
  const size_t first = text->find_first_not_of(kBlanks);
  if (first == std::string::npos) return fail(Code::bad_request, path + ": the file is empty");
  return Secret(std::string_view(*text).substr(first, text->find_last_not_of(kBlanks) - first + 1));
}

std::unique_ptr<Granter> make_granter(const catalog::Credential& credential) {
  for (auto* make : {make_google_granter, make_entra_granter, make_aws_granter})
    if (auto granter = make(credential)) return granter;
  HANSE_ASSERT(!"a credential that no cloud takes");
}

}  // namespace hanse::cloud
