#include "gateway/gateway.h"

#include <fmt/format.h>

#include "catalog/price.h"
#include "dialect/embeddings.h"
#include "gateway/answer.h"
#include "gateway/arrange.h"
#include "gateway/routes.h"
#include "gateway/shares.h"

namespace hanse::gateway {
namespace {

// A client may bring its own request id, if it is one line of plain text.
bool is_good_id(std::string_view id) {
  if (id.empty() || id.size() > 128) return false;
  for (char c : id)
    if (c <= ' ' || c > '~' || c == '"' || c == '\\') return false;
  return true;
}

// What the provider's path has in place of its chat: Google's clients say it themselves, as a verb.
std::string_view beside_chat(const Route& route) {
  if (!route.asks_model() || route.operation == Operation::chat || route.operation == Operation::compact)
    return {};
  if (route.operation == Operation::count_tokens && route.model.empty()) return "count_tokens";
  std::string_view last = route.path.substr(route.path.rfind('/') + 1);
  if (size_t colon = last.rfind(':'); colon != std::string_view::npos) return last.substr(colon + 1);
  if (route.operation == Operation::embeddings) return route.dialect->embeddings()->path_word({});
  return route.operation == Operation::completions ? "completions" : "count_tokens";
}

// For people who look around: the first path of each language.
std::string home_text() {
  std::string out = "Hanse answers";
  for (const Dialect* dialect : all_dialects())
    out += fmt::format("{} POST {}", dialect == all_dialects().front() ? "" : ",",
                       dialect->paths().front().pattern);
  return out + "; GET /v1/models lists the models.\n";
}

}  // namespace

net::Task<void> Gateway::handle(net::Exchange& exchange) {
  CallState call(exchange, core_);
  const auto& head = exchange.head();
  call.started = net::Reactor::current().read_clock();
  call.total_deadline = after(call.started, call.view->snapshot->limits.total);
  std::string_view id = head.headers.get("x-request-id");
  call.request_id = is_good_id(id) ? std::string(id) : core_.random.id("req_");
  Route route = find_route(head.target, head.headers);
  call.dialect = route.dialect;
  call.path_model = route.model;
  call.path_stream = route.stream;
  call.query = route.query;
  // What comes with a request that needs no body is taken first, so that an answer never overtakes it.
  constexpr size_t kUnwantedBytesMax = 64 * 1024;
  if (!route.asks_model()) (void)co_await exchange.read_body(kUnwantedBytesMax);
  if (head.method == "OPTIONS" && route.path == "*") {
    co_await allowed_methods(call);
  } else if (!route.known()) {
    std::string what = fmt::format("no such path: {} {}; see / for what is served", head.method, route.path);
    co_await answer_error(call, Error(Code::not_found, std::move(what)));
  } else if (!route.takes(head.method)) {
    call.allow = route.methods();
    std::string what = fmt::format("{} takes {}, not {}", route.path, route.methods(), head.method);
    co_await answer_error(call, Error(Code::method_not_allowed, std::move(what)));
  } else if (route.asks_model()) {
    call.beside_chat = beside_chat(route);
    call.embeds = route.operation == Operation::embeddings;
    call.counts_tokens = route.operation == Operation::count_tokens;
    call.compacts = route.operation == Operation::compact;
    co_await chat(call);
  } else if (route.asks_kept()) {
    co_await kept_answer(call, route);
  } else if (route.operation) {
    co_await models(call, route);
  } else {
    co_await serve_itself(call, route.service);
  }
  record(call, route);
}

net::Task<void> Gateway::serve_itself(CallState& call, Service service) {
  switch (service) {
    case Service::healthz:
      co_await answer_text(call, 200, "ok\n");
      break;
    case Service::readyz: {
      bool ready = cores_.ready.load(std::memory_order_relaxed);
      co_await answer_text(call, ready ? 200 : 503, ready ? "ready\n" : "not ready\n");
      break;
    }
    case Service::metrics:
      co_await metrics(call);
      break;
    case Service::status:
      co_await status(call);
      break;
    case Service::drill: {
      auto done = co_await drill(call);
      if (!done) co_await answer_error(call, done.error());
      break;
    }
    default: {
      std::string text = home_text();
      co_await answer_text(call, 200, text);
    }
  }
}

net::Refusal Gateway::refusal(const Error& error, std::string_view target) {
  Route route = find_route(target, http::Headers());
  net::Refusal out;
  std::string id = core_.random.id("req_");
  out.body = route.dialect->encode_error(error, id);
  out.content_type = "application/json";
  if (error.retry_after)
    out.headers.emplace_back("retry-after", retry_after_seconds(*error.retry_after));
  else if (error.code == Code::overloaded)
    out.headers.emplace_back("retry-after", "1");
  out.headers.emplace_back("x-request-id", id);
  core_.metrics.failed(error.code);
  core_.metrics.answered(route.dialect->name(), error.http_status());
  if (core_.log.on()) {
    observe::AccessRecord line;
    line.request_id = id;
    line.path = route.path;
    line.status = error.http_status();
    line.error = facts(error.code).name;
    core_.log.add(line);
  }
  return out;
}

net::Task<void> Gateway::answer_text(CallState& call, int status, std::string_view text,
                                     std::string_view content_type) {
  AnswerHeaders headers(call);
  headers.add("content-type", content_type);
  call.status = status;
  (void)co_await call.exchange.answer(status, headers.fields(), text);
}

// OPTIONS *: asks the server as a whole (RFC 9110 section 9.3.7).
net::Task<void> Gateway::allowed_methods(CallState& call) {
  AnswerHeaders headers(call);
  headers.add("allow", "GET, HEAD, POST, DELETE, OPTIONS");
  call.status = 204;
  (void)co_await call.exchange.answer(204, headers.fields(), {});
}

net::Task<void> Gateway::metrics(CallState& call) {
  observe::Metrics all = co_await cores_.collect_metrics();
  const Time now = net::Reactor::current().now();
  const std::string text = all.render() + cores_.standings->metrics(now, configured_by(*call.view)) +
                           shares_metrics(*call.view, now);
  co_await answer_text(call, 200, text, "text/plain; version=0.0.4; charset=utf-8");
}

net::Task<void> Gateway::status(CallState& call) {
  const Time now = net::Reactor::current().now();
  const std::string text =
      cores_.standings->json(now, configured_by(*call.view)) + shares_json(*call.view, now) + "}";
  co_await answer_text(call, 200, text, "application/json");
}

void Gateway::record(CallState& call, const Route& route) {
  Time now = net::Reactor::current().read_clock();
  auto& metrics = core_.metrics;
  if (route.service == Service::none) metrics.answered(call.dialect->name(), call.status);
  if (call.error) metrics.failed(*call.error);
  metrics.bytes_from_clients += call.exchange.bytes_in();
  metrics.bytes_to_clients += call.exchange.bytes_out();
  using seconds = std::chrono::duration<double>;
  if (call.series) {
    call.series->duration.add(seconds(now - call.started).count());
    if (call.first_content != kNever)
      call.series->first_token.add(seconds(call.first_content - call.started).count());
    metrics.tokens(*call.series, call.usage);
    if (call.terms && call.usage.known())
      metrics.spend += static_cast<uint64_t>(
          catalog::price_of(*call.terms, call.usage.input(), call.usage.output()).value_or(0));
  }
  if (!core_.log.on()) return;
  auto micros = [&](Time t) {
    return std::chrono::duration_cast<std::chrono::microseconds>(t - call.started).count();
  };
  observe::AccessRecord line;
  line.request_id = call.request_id;
  line.method = call.exchange.head().method;
  line.path = route.path;
  line.dialect = call.dialect->name();
  if (call.client) line.client = call.client->name;
  line.model_asked = call.model;
  line.offer = call.offer;
  line.http_version = call.exchange.http_version();
  line.status = call.status;
  if (call.error) line.error = facts(*call.error).name;
  line.stream = call.stream;
  line.attempts = call.attempts;
  line.rescues = call.rescues;
  line.bytes_in = call.exchange.bytes_in();
  line.bytes_out = call.exchange.bytes_out();
  line.usage = call.usage;
  if (call.first_content != kNever) line.first_token_us = micros(call.first_content);
  line.duration_us = micros(now);
  core_.log.add(line);
}

}  // namespace hanse::gateway
