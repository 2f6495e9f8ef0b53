// The sending of what a granter says.
#include <fmt/format.h>

#include <algorithm>

#include "base/random.h"
#include "base/url.h"
#include "catalog/outside.h"
#include "gateway/token.h"
#include "net/client.h"

namespace hanse::gateway {
namespace {

constexpr milliseconds kPatience{10'000};  // for all steps of a fetch
constexpr milliseconds kConnectMax{3'000};
constexpr size_t kAnswerBytesMax = 256 * 1024, kFileBytesMax = 256 * 1024;
constexpr int kStepsMax = 8;

cloud::Outside outside_now() {
  using namespace std::chrono;
  cloud::Outside out;
  out.now_unix = duration_cast<seconds>(system_clock::now().time_since_epoch()).count();
  out.nonce = Random().id("", 32);
  out.read_file = [](const std::string& path) { return catalog::read_file(path, kFileBytesMax); };
  return out;
}

Secret head_of(const cloud::WebRequest& request) {
  std::string target = request.url.path + request.target;
  if (!target.starts_with('/')) target.insert(0, 1, '/');
  std::string head = fmt::format("{} {} HTTP/1.1\r\nhost: {}\r\naccept: */*\r\nuser-agent: hanse\r\n",
                                 request.method, target, request.url.host_header());
  for (const auto& [name, value] : request.headers) head += fmt::format("{}: {}\r\n", name, value.reveal());
  if (!request.content_type.empty()) head += fmt::format("content-type: {}\r\n", request.content_type);
  if (request.method != "GET") head += fmt::format("content-length: {}\r\n", request.body.reveal().size());
  return Secret(head + "\r\n");
}

void hide(std::string_view secret, std::string& message) {
  constexpr std::string_view kInstead = "(hidden)";
  if (secret.empty()) return;
  for (size_t at = 0; (at = message.find(secret, at)) != std::string::npos; at += kInstead.size())
    message.replace(at, secret.size(), kInstead);
  constexpr size_t kTellingBytes = 6;  // a message was cut short, maybe in the middle of it
  for (size_t size = std::min(secret.size(), message.size()); size >= kTellingBytes; --size)
    if (message.ends_with(secret.substr(0, size))) return message.resize(message.size() - size);
}

// A server may say again what it was told; what it says goes to a log and to clients.
void hide_secrets(const cloud::WebRequest& request, std::string& message) {
  constexpr std::string_view kSecret[] = {"client_secret", "refresh_token",    "assertion",
                                          "subject_token", "client_assertion", "WebIdentityToken"};
  std::string_view form = request.content_type.starts_with("application/x-") ? request.body.reveal() : "";
  while (!form.empty()) {
    const std::string_view field = form.substr(0, form.find('&'));
    form.remove_prefix(std::min(field.size() + 1, form.size()));
    const size_t equals = std::min(field.find('='), field.size() - 1);
    if (std::ranges::find(kSecret, field.substr(0, equals)) == std::end(kSecret)) continue;
    hide(field.substr(equals + 1), message);
    if (auto plain = percent_decode(field.substr(equals + 1))) hide(Secret(*plain).reveal(), message);
  }
  for (const auto& [name, value] : request.headers) {
    if (name != "authorization" && name != "x-identity-header" && name != "x-aws-ec2-metadata-token")
      continue;
    const size_t blank = value.reveal().rfind(' ');  // behind "Bearer"
    hide(value.reveal().substr(blank == std::string_view::npos ? 0 : blank + 1), message);
  }
}

iovec piece_of(const Secret& secret) {
  return {const_cast<char*>(secret.reveal().data()), secret.reveal().size()};
}

}  // namespace

net::Task<void> CoreToken::fetch(std::shared_ptr<CoreToken> self, net::Cancel* cancel) {
  net::Bounds bounds{net::Reactor::current().now() + kPatience, cancel};
  auto grant = co_await self->fetch_grant(bounds);
  self->shared_->finish(std::move(grant), net::Reactor::current().now());
}

net::Task<Result<cloud::Grant>> CoreToken::fetch_grant(net::Bounds bounds) {
  const auto granter = cloud::make_granter(shared_->credential());
  auto step = granter->begin(outside_now());
  for (int steps = 0; step && steps < kStepsMax; ++steps) {
    if (auto* grant = std::get_if<cloud::Grant>(&*step)) co_return std::move(*grant);
    const cloud::WebRequest request = std::get<cloud::WebRequest>(std::move(*step));
    int status = 0;
    auto body = co_await send(request, status, bounds);
    if (!body) co_return fail(std::move(body.error()));
    const Secret kept(*body);
    step = granter->go_on({status, kept.reveal()}, outside_now());
    if (step) continue;
    hide_secrets(request, step.error().message);
    step.error().message = fmt::format("{}: {}", request.url.host, step.error().message);
  }
  if (!step) co_return fail(std::move(step.error()));
  co_return fail(Code::malformed_reply, "the exchange does not end");
}

// A connection for each: fetches are rare.
net::Task<Result<std::string>> CoreToken::send(const cloud::WebRequest& request, int& status,
                                               net::Bounds bounds) {
  if (request.url.tls && !tls_) {
    CO_TRY(tls_, net::TlsClientContext::load());
  }
  net::Resolver resolver;
  net::Origin origin{request.url.host, request.url.port, request.url.tls};
  net::PoolLimits limits{1, kConnectMax, kConnectMax};
  auto pool = std::make_shared<net::ClientPool>(std::move(origin), limits, resolver, tls_);
  const Secret head = head_of(request);
  const iovec parts[] = {piece_of(head), piece_of(request.body)};
  const size_t count = request.body.empty() ? 1 : 2;
  net::Call call(pool);
  auto answered =
      co_await call.request({parts, count}, request.method, bounds.deadline, kPatience, bounds.cancel);
  if (!answered) co_return fail(std::move(answered.error()));
  status = (*answered)->status;
  auto body = co_await call.read_all(kAnswerBytesMax, bounds);
  co_return body;
}

}  // namespace hanse::gateway
