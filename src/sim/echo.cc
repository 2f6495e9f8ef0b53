#include "sim/echo.h"

#include "base/bytes.h"

namespace hanse::sim {
namespace {

constexpr size_t kBodyMax = 64u * 1024 * 1024;
constexpr std::string_view kAllow = "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS";
constexpr size_t kPageBytes = 8192;

bool is_known(std::string_view method) {
  constexpr std::string_view kMethods[] = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"};
  return std::find(std::begin(kMethods), std::end(kMethods), method) != std::end(kMethods);
}

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
  while (!text.empty() && text.back() == ' ') text.remove_suffix(1);
  return text;
}

struct Answer {
  int status = 200;
  std::string body;
  std::string type = "text/plain";
  bool allow = false;
};

Answer answer_to(const http::RequestHead& head, std::string_view body) {
  if (head.method == "TRACE") return {405, "this server doesn't trace\n", "text/plain", true};
  if (!is_known(head.method)) return {501, "unknown method\n"};
  std::string_view path = head.target.substr(0, head.target.find('?'));
  if (path == "/echo") return {200, header_lines(head.headers)};
  if (path == "/cookie") return {200, cookie_lines(head.headers)};
  if (path == "/h2spec" && body.empty()) return {200, std::string(kPageBytes, '.')};
  bool options = head.method == "OPTIONS";
  if (options && body.empty()) return {204, "", "", true};
  std::string_view type = head.headers.get("content-type");
  return {200, std::string(body), type.empty() ? "text/plain" : std::string(type), options};
}

}  // namespace

std::string header_lines(const http::Headers& headers) {
  std::string out;
  for (const auto& header : headers) out.append(header.name).append(": ").append(header.value).append("\n");
  return out;
}

std::string cookie_lines(const http::Headers& headers) {
  std::string out;
  for (const auto& header : headers) {
    if (!equal_ignoring_case(header.name, "cookie")) continue;
    std::string_view rest = header.value;
    while (!rest.empty()) {
      size_t end = std::min(rest.find(';'), rest.size());
      std::string_view pair = trimmed(rest.substr(0, end));
      if (size_t equals = pair.find('='); equals != std::string_view::npos && equals > 0)
        out.append(pair).append("\n");
      rest.remove_prefix(std::min(end + 1, rest.size()));
    }
  }
  return out;
}

net::Task<void> Echo::handle(net::Exchange& exchange) {
  auto body = co_await exchange.read_body(kBodyMax);
  Answer answer;
  if (body)
    answer = answer_to(exchange.head(), *body);
  else
    answer = {body.error().http_status(), body.error().message + "\n"};
  std::vector<net::HeaderField> fields;
  if (!answer.type.empty()) fields.push_back({"content-type", answer.type});
  if (answer.allow) fields.push_back({"allow", kAllow});
  (void)co_await exchange.answer(answer.status, fields, answer.body);
}

}  // namespace hanse::sim
