#include <cstdio>

#include <fmt/format.h>

#include "base/json.h"
#include "base/url.h"
#include "cli/config_options.h"
#include "cli/verbs.h"
#include "net/client.h"
#include "net/reactor.h"

namespace hanse::cli {
namespace {

constexpr milliseconds kPatience{5000};
constexpr size_t kBytesMax = 16 * 1024 * 1024;

// GET `path` of a Hanse that runs.
net::Task<Result<std::string>> fetch(const Url& url, std::string_view path) {
  std::shared_ptr<net::TlsClientContext> tls;
  if (url.tls) {
    CO_TRY(tls, net::TlsClientContext::load({}));
  }
  net::Resolver resolver;
  const net::PoolLimits limits{1, kPatience, kPatience};
  auto pool = std::make_shared<net::ClientPool>(net::Origin{url.host, url.port, url.tls}, limits, resolver,
                                                std::move(tls));
  std::string head =
      fmt::format("GET {}{} HTTP/1.1\r\nhost: {}\r\naccept: */*\r\n\r\n", url.path, path, url.host_header());
  iovec part{head.data(), head.size()};
  const Time deadline = after(net::Reactor::current().now(), kPatience);
  const net::Bounds bounds{deadline, nullptr};
  net::Call wire(pool);
  auto answered = co_await wire.request({&part, 1}, "GET", deadline, kPatience, nullptr);
  if (!answered) co_return fail(std::move(answered.error()));
  const int status = (*answered)->status;
  auto body = co_await wire.read_all(kBytesMax, bounds);
  if (!body) co_return fail(std::move(body.error()));
  if (status != 200) co_return fail(Code::malformed_reply, fmt::format("it answered with status {}", status));
  co_return std::move(*body);
}

Result<std::string> fetch_here(const Url& url, std::string_view path) {
  net::Reactor reactor;
  Result<std::string> out = fail(Code::malformed_reply, "no answer");
  auto run = [](const Url& from, std::string_view what, Result<std::string>& to) -> net::Task<void> {
    to = co_await fetch(from, what);
    net::Reactor::current().stop();
  };
  reactor.spawn(run(url, path, out));
  reactor.run();
  return out;
}

std::string shown(json::Value root) {
  std::string out = fmt::format("{:<48} {:<9} {:>9} {:>7} {:>12}  {}\n", "offer", "state", "attempts",
                                "failed", "under way", "why");
  for (json::Value offer : root["offers"]) {
    auto number = [&](std::string_view name) { return offer[name].integer().value_or(0); };
    std::string why = offer["cause"].string();
    if (!why.empty()) why += fmt::format(", asked again in {} ms", number("asked_again_in_ms"));
    out += fmt::format("{:<48} {:<9} {:>9} {:>7} {:>6} tokens  {}\n", offer["offer"].string(),
                       offer["state"].string(), number("attempts"), number("failed"),
                       number("outstanding_tokens"), why);
  }
  return out;
}

int print_status(const std::string& where, bool as_json) {
  auto url = parse_url(where);
  if (!url) return complain(url.error());
  auto body = fetch_here(*url, "/status");
  if (!body) {
    std::fprintf(stderr, "hanse: no status from %s: %s\n", where.c_str(), body.error().message.c_str());
    return 1;
  }
  if (as_json) {
    std::printf("%s\n", body->c_str());
    return 0;
  }
  json::Document document;
  auto root = document.parse(*body, 16);
  if (!root) return complain(root.error());
  std::fputs(shown(*root).c_str(), stdout);
  return 0;
}

}  // namespace

Run add_status(CLI::App& app) {
  auto* verb = app.add_subcommand("status", "How each offer of a running Hanse does, and why one is left");
  auto where = std::make_shared<std::string>("http://127.0.0.1:8080");
  auto as_json = std::make_shared<bool>(false);
  verb->add_option("--url", *where, "Where it listens")->capture_default_str();
  verb->add_flag("--json", *as_json, "As it came");
  return [where, as_json] { return print_status(*where, *as_json); };
}

}  // namespace hanse::cli
