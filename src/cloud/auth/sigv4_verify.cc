#include "cloud/auth/sigv4_verify.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "base/bytes.h"

namespace hanse::cloud::sigv4 {
namespace {

constexpr size_t kSignedNamesMax = 128;

Error refusal(std::string_view type, std::string message) {
  Error error(Code::unauthenticated, std::move(message));
  error.status = 403;
  error.provider_type = type;
  return error;
}

Failed incomplete(std::string message) {
  return fail(refusal("IncompleteSignatureException", std::move(message)));
}

Failed invalid(std::string message) { return fail(refusal("InvalidSignatureException", std::move(message))); }

std::vector<std::string_view> split(std::string_view text, char mark) {
  std::vector<std::string_view> out;
  while (true) {
    const size_t end = text.find(mark);
    out.push_back(text.substr(0, end));
    if (end == std::string_view::npos) return out;
    text.remove_prefix(end + 1);
  }
}

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
  while (!text.empty() && text.back() == ' ') text.remove_suffix(1);
  return text;
}

// Seconds since 1970 of "20150830T123600Z".
std::optional<int64_t> seconds_of(std::string_view text) {
  constexpr std::string_view kShape = "00000000T000000Z";
  if (text.size() != kShape.size()) return {};
  for (size_t i = 0; i < text.size(); ++i)
    if (kShape[i] == '0' ? text[i] < '0' || text[i] > '9' : text[i] != kShape[i]) return {};
  auto number = [&](size_t at, size_t size) {
    int value = 0;
    for (char c : text.substr(at, size)) value = value * 10 + (c - '0');
    return value;
  };
  using namespace std::chrono;
  const year_month_day day{year(number(0, 4)), month(static_cast<unsigned>(number(4, 2))),
                           std::chrono::day(static_cast<unsigned>(number(6, 2)))};
  if (!day.ok() || number(9, 2) > 23 || number(11, 2) > 59 || number(13, 2) > 60) return {};
  return sys_days(day).time_since_epoch().count() * int64_t{86'400} + number(9, 2) * 3600 +
         number(11, 2) * 60 + number(13, 2);
}

const Field* find(const Received& request, std::string_view name) {
  for (const Field& field : request.fields)
    if (equal_ignoring_case(field.name, name)) return &field;
  return nullptr;
}

Result<void> check_time(const Presented& said, std::string_view stamp, int64_t now) {
  auto signed_at = seconds_of(stamp);
  if (!signed_at)
    return incomplete(
        "Date must be in ISO-8601 'basic format': the header X-Amz-Date is missing or malformed. See "
        "http://en.wikipedia.org/wiki/ISO_8601");
  if (stamp.substr(0, 8) != said.date)
    return invalid(
        fmt::format("Date in Credential scope does not match YYYYMMDD from ISO-8601 version of "
                    "date from HTTP: '{}' != '{}', from '{}'.",
                    said.date, stamp.substr(0, 8), stamp));
  if (*signed_at < now - kWindowSeconds)
    return invalid(fmt::format("Signature expired: {} is now earlier than {} ({} - 15 min.)", stamp,
                               timestamp_of(now - kWindowSeconds), timestamp_of(now)));
  if (*signed_at > now + kWindowSeconds)
    return invalid(fmt::format("Signature not yet current: {} is still later than {} ({} + 15 min.)", stamp,
                               timestamp_of(now + kWindowSeconds), timestamp_of(now)));
  return {};
}

// What is not signed could have been changed by anybody on the way.
Result<void> check_names(const Presented& said, const Received& request) {
  auto is_signed = [&](std::string_view name) {
    return std::ranges::any_of(said.signed_names, [&](auto n) { return equal_ignoring_case(n, name); });
  };
  if (!is_signed("host") && !is_signed(":authority"))
    return invalid("'Host' or ':authority' must be a 'SignedHeader' in the AWS Authorization.");
  if (!is_signed("x-amz-date"))
    return invalid("'X-Amz-Date' must be a 'SignedHeader' in the AWS Authorization.");
  for (const Field& field : request.fields) {
    if (!starts_ignoring_case(field.name, "x-amz-")) continue;
    if (equal_ignoring_case(field.name, "x-amz-security-token"))
      continue;  // added behind the signature by some
    if (!is_signed(field.name))
      return invalid(fmt::format("'{}' must be a 'SignedHeader' in the AWS Authorization.", field.name));
  }
  return {};
}

Result<std::vector<Field>> signed_fields(const Presented& said, const Received& request) {
  std::vector<Field> out;
  for (std::string_view name : said.signed_names) {
    if (equal_ignoring_case(name, "host") || name == ":authority") {
      out.push_back({name, request.host});
      continue;
    }
    const size_t before = out.size();
    for (const Field& field : request.fields)
      if (equal_ignoring_case(field.name, name)) out.push_back(field);
    if (out.size() == before)
      return invalid(fmt::format("The request has no header '{}', which its signature names.", name));
  }
  return out;
}

}  // namespace

Error unknown_access_key() {
  return refusal("UnrecognizedClientException", "The security token included in the request is invalid.");
}

Result<Presented> Presented::parse(std::string_view authorization) {
  if (!authorization.starts_with(kAlgorithm) || authorization.substr(kAlgorithm.size(), 1) != " ")
    return incomplete("Unsupported AWS 'algorithm': wanted 'AWS4-HMAC-SHA256'.");
  Presented out;
  std::string_view credential, names;
  for (std::string_view part : split(authorization.substr(kAlgorithm.size() + 1), ',')) {
    part = trimmed(part);
    const size_t equals = std::min(part.find('='), part.size());
    const std::string_view name = part.substr(0, equals);
    const std::string_view value = equals < part.size() ? part.substr(equals + 1) : std::string_view();
    if (name == "Credential") credential = value;
    if (name == "SignedHeaders") names = value;
    if (name == "Signature") out.signature = value;
  }
  for (auto [name, value] : {std::pair<std::string_view, std::string_view>{"Credential", credential},
                             {"SignedHeaders", names},
                             {"Signature", out.signature}})
    if (value.empty()) return incomplete(fmt::format("Authorization header requires '{}' parameter.", name));
  const auto scope = split(credential, '/');
  if (scope.size() != 5 || scope[4] != "aws4_request" || std::ranges::any_of(scope, &std::string_view::empty))
    return incomplete(
        "Credential must have exactly 5 slash-delimited elements, e.g. "
        "keyid/date/region/service/aws4_request.");
  out.access_key_id = scope[0], out.date = scope[1], out.region = scope[2], out.service = scope[3];
  out.signed_names = split(names, ';');
  if (out.signed_names.size() > kSignedNamesMax) return incomplete("SignedHeaders names too many headers.");
  // A name that stands twice would have its values signed twice.
  auto sorted = out.signed_names;
  std::ranges::sort(sorted);
  if (std::ranges::adjacent_find(sorted) != sorted.end() || sorted.front().empty())
    return incomplete("SignedHeaders must be names of headers, each once.");
  return out;
}

Result<void> verify(const Presented& said, const Received& request, std::string_view secret, int64_t now) {
  const Field* date = find(request, "x-amz-date");
  const std::string_view stamp = date ? trimmed(date->value) : std::string_view();
  TRY_VOID(check_time(said, stamp, now));
  TRY_VOID(check_names(said, request));
  TRY(auto fields, signed_fields(said, request));
  const std::string body_hash = hex_of(sha256(request.body));
  if (const Field* told = find(request, "x-amz-content-sha256"); told && trimmed(told->value) != body_hash)
    return invalid("The provided 'x-amz-content-sha256' header does not match what was computed.");
  const Request canonical{request.method,    request.path, request.query,
                          std::move(fields), body_hash,    request.normalize};
  const Scope scope{stamp, said.region, said.service};
  if (!equal_constant_time(signature(canonical, scope, signing_key(secret, scope)), said.signature))
    return invalid(
        "The request signature we calculated does not match the signature you provided. Check your AWS "
        "Secret Access Key and signing method. Consult the service documentation for details.");
  return {};
}

}  // namespace hanse::cloud::sigv4
