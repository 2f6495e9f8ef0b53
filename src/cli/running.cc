#include "cli/running.h"

#include <fmt/format.h>

#include "base/json.h"
#include "net/client.h"
#include "net/reactor.h"

namespace hanse::cli {
namespace {

constexpr size_t kBytesMax = 16 * 1024 * 1024;

std::string head_of(const Url& url, const Question& question) {
  std::string out = fmt::format("{} {}{} HTTP/1.1\r\nhost: {}\r\naccept: */*\r\n", question.method, url.path,
                                question.path, url.host_header());
  if (!question.key.empty())
    out.append("authorization: Bearer ").append(question.key.reveal()).append("\r\n");
  if (!question.body.empty()) out += "content-type: application/json\r\n";
  if (question.method == "POST") out += fmt::format("content-length: {}\r\n", question.body.size());
  return out + question.headers + "\r\n";
}

// {"error":{"message":"..."}}, or the status alone.
std::string said(int status, std::string_view body) {
  json::Document document;
  auto root = document.parse(body, 16);
  std::string message = root ? (*root)["error"]["message"].string() : std::string();
  return message.empty() ? fmt::format("it answered with status {}", status) : message;
}

net::Task<Result<std::string>> ask(const Url& url, const Question& question) {
  std::shared_ptr<net::TlsClientContext> tls;
  if (url.tls) {
    CO_TRY(tls, net::TlsClientContext::load({}));
  }
  net::Resolver resolver;
  const net::PoolLimits limits{1, question.patience, question.patience};
  auto pool = std::make_shared<net::ClientPool>(net::Origin{url.host, url.port, url.tls}, limits, resolver,
                                                std::move(tls));
  std::string head = head_of(url, question);
  std::string body = question.body;
  iovec parts[] = {{head.data(), head.size()}, {body.data(), body.size()}};
  const Time deadline = after(net::Reactor::current().now(), question.patience);
  const net::Bounds bounds{deadline, nullptr};
  net::Call wire(pool);
  const std::span<const iovec> sent(parts, body.empty() ? 1 : 2);
  auto answered = co_await wire.request(sent, question.method, deadline, question.patience, nullptr);
  if (!answered) co_return fail(std::move(answered.error()));
  const int status = (*answered)->status;
  auto answer = co_await wire.read_all(kBytesMax, bounds);
  if (!answer) co_return fail(std::move(answer.error()));
  if (status != 200) co_return fail(Code::malformed_reply, said(status, *answer));
  co_return std::move(*answer);
}

}  // namespace

Result<std::string> ask_running(const Url& url, const Question& question) {
  net::Reactor reactor;
  Result<std::string> out = fail(Code::malformed_reply, "no answer");
  auto run = [](const Url& from, const Question& what, Result<std::string>& to) -> net::Task<void> {
    to = co_await ask(from, what);
    net::Reactor::current().stop();
  };
  reactor.spawn(run(url, question, out));
  reactor.run();
  return out;
}

}  // namespace hanse::cli
