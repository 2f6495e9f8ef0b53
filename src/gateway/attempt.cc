#include "gateway/attempt.h"

#include <charconv>

#include "base/bytes.h"
#include "dialect/aws_error.h"
#include "gateway/arrange.h"
#include "gateway/provider_request.h"
#include "gateway/relay.h"
#include "route/patience.h"
#include "route/rate_headers.h"

namespace hanse::gateway {
namespace {

using net::Task;

// Seconds, or an HTTP date (then a guess: a date needs the provider's clock); retry-after-ms is the vendors'
// finer twin.
std::optional<milliseconds> read_retry_after(const http::Headers& headers) {
  auto number = [&](std::string_view name) -> std::optional<double> {
    std::string_view text = headers.get(name);
    double value = 0;
    auto [end, e] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (text.empty() || e != std::errc() || value < 0 || value > 1e6) return {};
    return value;
  };
  if (auto ms = number("retry-after-ms")) return milliseconds(static_cast<int64_t>(*ms));
  if (auto s = number("retry-after")) return milliseconds(static_cast<int64_t>(*s * 1000));
  return {};
}

// The answer's head as far as it outlives the head's bytes.
ReplyHead keep_head(const http::ResponseHead& head, const CallState& call, bool same_dialect) {
  ReplyHead kept;
  kept.status = head.status;
  kept.content_type = head.headers.get("content-type");
  kept.content_encoding = head.headers.get("content-encoding");
  kept.content_length = head.content_length ? static_cast<int64_t>(*head.content_length) : -1;
  if (head.status >= 400) {
    kept.retry_after = read_retry_after(head.headers);
    kept.error_type = aws_error::bare_name(head.headers.get("x-amzn-errortype"));
  }
  std::string_view id = head.headers.get("x-request-id");
  if (id.empty()) id = head.headers.get("request-id");
  if (id.empty()) id = head.headers.get("x-amzn-requestid");
  if (!id.empty()) kept.headers.emplace_back("x-hanse-provider-request-id", std::string(id));
  if (same_dialect)
    for (const auto& field : head.headers)
      if (is_passed_on(field.name))
        kept.headers.emplace_back(std::string(field.name), std::string(field.value));
  (void)call;
  return kept;
}

// What the provider says of its limits, for the requests that come.
void learn_limits(const http::Headers& headers, const CallState& call) {
  if (!call.standing) return;
  std::optional<route::RateHeaders> said;
  std::chrono::system_clock::time_point wall_now;
  for (const auto& field : headers) {
    if (!route::RateHeaders::concerns(field.name)) continue;
    if (!said) said.emplace(), wall_now = std::chrono::system_clock::now();
    said->field(field.name, field.value, wall_now);
  }
  if (!said) return;
  const Time now = net::Reactor::current().now();
  for (size_t kind = 0; kind < route::Quota::kKinds; ++kind)
    call.standing->quota.told(static_cast<route::Quota::Kind>(kind), said->of[kind], now);
}

// Whether the provider refused the token rather than what is asked. AWS has no status of its own for that.
bool is_about_token(const ReplyHead& head) {
  return head.status == 401 || (head.status == 403 && (head.error_type == "ExpiredTokenException" ||
                                                       head.error_type == "UnrecognizedClientException"));
}

bool is_in_clients_frame(const CallState& call, std::string_view content_type) {
  return content_type.starts_with(call.dialect->client_frame(call.query).content_type);
}

// A provider that speaks the client's language was asked for the client's own frame.
bool is_stream(const CallState& call, const Dialect& dialect, std::string_view content_type) {
  if (content_type.starts_with(dialect.stream_frame().content_type)) return true;
  return &dialect == call.dialect && call.stream && is_in_clients_frame(call, content_type);
}

// A 429 may say it in its limits alone.
std::optional<milliseconds> rest_of_quota(const CallState& call) {
  if (!call.standing) return {};
  const milliseconds wait = call.standing->quota.wait(net::Reactor::current().now(), tokens_under_way(call));
  return wait.count() > 0 ? std::optional(wait) : std::nullopt;
}

Task<Result<void>> refused(CallState& call, net::Call& wire, const ReplyHead& head, const Dialect& dialect,
                           net::Bounds bounds) {
  constexpr size_t kErrorBytesMax = 1024 * 1024;
  auto body = co_await wire.read_all(kErrorBytesMax, bounds);
  if (!body) co_return fail(std::move(body.error()));
  Error error = dialect.decode_error(head.status, *body);
  if (!error.retry_after) error.retry_after = head.retry_after;
  if (!error.retry_after && head.status == 429) error.retry_after = rest_of_quota(call);
  if (error.provider_type.empty()) error.provider_type = head.error_type;
  // Only what is JSON is shown as it came: a proxy's HTML page would help no SDK.
  bool json = head.content_type.find("json") != std::string::npos;
  call.refusal = {};
  if (json) call.refusal = {&dialect, head.status, std::move(*body), head.content_type, head.headers};
  co_return fail(std::move(error));
}

// A stream that says nothing is left while somebody else may answer. Models that think say nothing for long,
// and so do those that have much to read. The last one has more time: the others have said no before.
Time content_deadline(const CallState& call, const catalog::Offer& offer, Time now) {
  if (!call.stream || !(call.others_left || call.others_are_well)) return kNever;
  const catalog::Retry& rules = call.view->snapshot->retry;
  constexpr size_t kBytesASecond = 40'000;
  const bool thinks = (offer.known && offer.known->can("reasoning")) ||
                      find_bytes(call.body, "\"reasoning") != kNotFound ||
                      find_bytes(call.body, "\"thinking") != kNotFound;
  const milliseconds reading(static_cast<int64_t>(call.body.size() * 1000 / kBytesASecond));
  const milliseconds set =
      (thinks || !call.others_left ? rules.first_thought : rules.first_content) + reading;
  const int64_t usual = call.standing ? call.standing->pace.first_token_us(call.body.size()) : -1;
  return after(now, route::patience(usual, set, rules.first_thought));
}

// As the provider said. What it carries on was another's.
int64_t tokens_of_attempt(const CallState& call) {
  const canon::Usage before = call.rescue ? call.rescue->before : canon::Usage();
  return std::max<int64_t>(0, call.usage.input() + call.usage.output() - before.input() - before.output());
}

// In a drill: the attempt fails as it would if the provider did.
Task<Result<void>> take_part(CallState& call, const ProviderAccess& access, const catalog::Offer& offer) {
  using How = DrillOrder::How;
  const Time now = net::Reactor::current().now();
  const auto how = call.core.drill->hits(*access.provider, now, call.core.random);
  if (!how) co_return Result<void>();
  ++call.core.metrics.drilled;
  if (*how == How::refuse) co_return fail(Code::unreachable, "a drill: no connection");
  if (*how == How::throttle) {
    Error error(Code::rate_limited, "a drill: too many requests");
    error.status = 429;
    co_return fail(std::move(error));
  }
  call.is_cut = *how == How::cut;
  if (call.is_cut) co_return Result<void>();
  const Time silent = std::min({after(now, access.provider->first_byte_timeout),
                                content_deadline(call, offer, now), call.total_deadline});
  const net::Bounds bounds{*how == How::slow ? after(now, DrillOrder::kSlow) : silent,
                           &call.exchange.cancel()};
  const bool slept = co_await net::sleep(bounds);
  if (!slept) co_return fail(Code::cancelled, "the client left");
  if (*how == How::stall) co_return fail(Code::timed_out, "a drill: no answer in time");
  co_return Result<void>();
}

}  // namespace

Task<Result<void>> attempt(CallState& call, const catalog::Offer& offer) {
  const ProviderAccess& access = call.view->providers[offer.provider];
  const auto& limits = call.view->snapshot->limits;
  ++call.attempts;
  call.offer = name_of(call, offer);
  call.refusal = {};
  call.terms = offer.terms;
  call.series = &call.core.metrics.offer(call.dialect->name(), access.provider->name, offer.model);
  const DoorAccess& door = access.door_for(*call.dialect);
  if (call.rescue) call.rescue->ask(call, access, offer);
  Time now = net::Reactor::current().now();
  net::Cancel* cancel = &call.exchange.cancel();
  call.is_cut = false;
  if (call.core.drill && call.core.drill->is_on(now)) {
    CO_TRY_VOID(co_await take_part(call, access, offer));
    now = net::Reactor::current().now();
  }
  Held token;
  if (access.token) token = access.token->at_hand(now);
  if (access.token && !token) {
    net::Bounds bounds{std::min(after(now, access.provider->first_byte_timeout), call.total_deadline),
                       cancel};
    CO_TRY(token, co_await access.token->get(bounds));
    now = net::Reactor::current().now();
  }
  CO_TRY(auto request, ProviderRequest::build(call, access, door, offer, token.get()));

  net::Call wire(access.pool);
  call.content_deadline = content_deadline(call, offer, now);
  Time first_byte =
      std::min({after(now, access.provider->first_byte_timeout), call.content_deadline, call.total_deadline});
  route::Reservation reserved(call.standing ? &call.standing->quota : nullptr, now, tokens_under_way(call),
                              set_limits_of(call, offer));
  auto answered = co_await wire.request(request.parts(), "POST", first_byte, limits.between_bytes, cancel);
  if (!answered) co_return fail(std::move(answered.error()));
  reserved.keep();
  learn_limits((*answered)->headers, call);
  call.core.metrics.bytes_to_providers += request.body_size();

  const bool same_dialect = door.dialect == call.dialect;
  ReplyHead head = keep_head(**answered, call, same_dialect);
  head.stream = is_stream(call, *door.dialect, head.content_type);
  if (call.is_cut && !head.stream) co_return fail(Code::unreachable, "a drill: the answer broke off");
  Relay relay{call, wire, head, *door.dialect, request.losses()};
  if (token && is_about_token(head)) access.token->refused(token);
  if (head.status >= 400) {
    net::Bounds bounds{std::min(after(now, limits.between_bytes), call.total_deadline), cancel};
    auto error = co_await refused(call, wire, head, *door.dialect, bounds);
    co_return error;
  }
  if (head.status != 200)
    co_return fail(Code::malformed_reply, "the provider answered with status " + std::to_string(head.status));
  // A stream where a body was asked for, or a body where a stream was, is translated into what was asked for.
  // Two statements: g++ 12 destroys a Result from either arm of a conditional twice.
  Result<void> done;
  const bool as_asked =
      head.stream == call.stream && (!call.stream || is_in_clients_frame(call, head.content_type));
  if (call.embeds && !same_dialect)
    done = co_await relay.embedded();
  else if (same_dialect && as_asked && !call.compacts && !call.rescue)
    done = co_await relay.untouched();
  else
    done = co_await relay.translated();
  call.core.metrics.bytes_from_providers += wire.bytes_in();
  if (call.usage.known()) reserved.used(tokens_of_attempt(call));
  co_return done;
}

}  // namespace hanse::gateway
