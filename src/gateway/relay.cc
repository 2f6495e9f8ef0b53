#include "gateway/relay.h"

#include <fmt/format.h>

#include "base/bytes.h"
#include "canon/estimate.h"
#include "dialect/embeddings.h"
#include "gateway/answer.h"
#include "gateway/attempt.h"
#include "gateway/tally.h"
#include "route/patience.h"

namespace hanse::gateway {

using net::Task;

bool is_passed_on(std::string_view name) {
  auto starts = [&](std::string_view prefix) { return starts_ignoring_case(name, prefix); };
  switch (name.empty() ? 0 : name[0] | 0x20) {
    case 'a':
      return starts("anthropic-");
    case 'o':
      return starts("openai-");
    case 'r':
      return starts("retry-after");
    case 'x':
      return starts("x-ratelimit-") || starts("x-amzn-bedrock-") ||
             equal_ignoring_case(name, "x-amzn-errortype") || equal_ignoring_case(name, "x-should-retry");
    default:
      return false;
  }
}

net::Bounds Relay::between_bytes() const {
  Time now = net::Reactor::current().now();
  Time until = std::min(after(now, call.view->snapshot->limits.between_bytes), call.total_deadline);
  until = std::min(until, call.content_deadline);
  if (call.told && call.may_be_carried_on()) {
    const milliseconds stall = call.view->snapshot->retry.stall;
    const int64_t usual = call.standing ? call.standing->pace.silence_us() : -1;
    until = std::min(until, after(now, route::patience(usual, stall, stall)));
  }
  return {until, &call.exchange.cancel()};
}

// Before the first content it is the first token that is awaited, which is another matter.
void Relay::note_silence() {
  const Time now = net::Reactor::current().now();
  if (call.first_content != kNever && call.last_read != kNever)
    call.silence = std::max(call.silence, now - call.last_read);
  call.last_read = now;
}

// In a drill: after the read that brought the first content.
bool Relay::breaks_off() {
  return call.is_cut && call.first_content != kNever && call.first_content >= call.attempt_started;
}

int64_t Relay::elapsed_ms() const {
  return std::chrono::duration_cast<milliseconds>(net::Reactor::current().now() - call.started).count();
}

namespace {

void add_headers(AnswerHeaders& out, const Relay& relay, std::string_view content_type) {
  out.add("content-type", content_type);
  out.add("x-hanse-offer", relay.call.offer);
  for (const auto& [name, value] : relay.head.headers) out.add(name, value);
  if (!relay.losses.empty()) {
    std::string paths;
    for (const auto& path : relay.losses.paths()) paths += (paths.empty() ? "" : ", ") + path;
    out.add_owned("x-hanse-dropped", std::move(paths));
  }
  add_explained(out, relay.call);
}

}  // namespace

void Relay::begin(bool stream, int64_t content_length) {
  AnswerHeaders headers(call);
  add_headers(
      headers, *this,
      stream ? call.dialect->client_frame(call.query).content_type : std::string_view(head.content_type));
  if (stream) headers.add("cache-control", "no-cache");
  if (stream && call.trial) count_for_health(call, {});
  call.status = 200;
  call.exchange.start(200, headers.fields(), content_length);
}

Task<Result<void>> Relay::answer_whole(std::string_view body) {
  if (call.keeper) call.keeper->see(body, true);
  AnswerHeaders headers(call);
  add_headers(headers, *this, "application/json");
  call.status = 200;
  auto sent = co_await call.exchange.answer(200, headers.fields(), body);
  co_return sent;
}

// ---- untouched

Task<Result<void>> Relay::untouched() {
  // Two statements: g++ 12 destroys a Result from either arm of a conditional twice.
  Result<void> done;
  if (head.stream)
    done = co_await untouched_stream();
  else
    done = co_await untouched_body();
  co_return done;
}

// While another offer is left nothing goes out before the first content: a stream that is empty, opens with
// an error or only names its role is replaced unseen.
Task<Result<void>> Relay::untouched_stream() {
  auto watcher = call.dialect->reply_watcher(true);
  const StreamFrame frame = call.dialect->client_frame(call.query);
  std::string held;  // of the last reads: what waits for content, and part of one event
  size_t seen = 0;   // of it, by the watcher
  const size_t held_max = call.view->snapshot->limits.stream_buffer_bytes;
  while (true) {
    auto read = co_await wire.read(between_bytes());
    note_silence();
    if (breaks_off()) read = fail(Code::unreachable, "a drill: the stream broke off");
    Result<void> good;
    std::string_view bytes, whole;
    if (read) {
      bytes = held.empty() ? *read : std::string_view(held.append(*read));
      whole = bytes.substr(0, wire.done() ? bytes.size() : std::max(seen, frame.whole_events(bytes)));
      good = judge(*watcher, whole.substr(seen), bytes.size() - whole.size() > held_max);
      seen = whole.size();
    } else {
      good = fail(read.error());
    }
    // A connection that breaks behind the end takes nothing from the answer.
    const bool broke_behind = !read && watcher->ended && !watcher->failed && !call.exchange.cancel().fired();
    if (!good && !broke_behind) co_return good;
    const bool done = wire.done() || broke_behind;
    const bool waits = !watcher->content_seen && call.others_left && seen <= held_max;
    if (!call.exchange.started() && !done && (waits || whole.empty())) {
      if (held.empty()) held.assign(bytes);
      continue;
    }
    if (!call.exchange.started()) begin(true);
    if (call.keeper) call.keeper->see(whole, done);
    if (!whole.empty() || done) {
      if (call.told) call.told->add(whole, provider_dialect);
      auto sent = co_await call.exchange.write(whole, done);
      if (!sent) co_return fail(Code::cancelled, "the client left: " + sent.error().message);
    }
    if (done) break;
    if (!held.empty())
      held.erase(0, whole.size());
    else
      held.assign(bytes.substr(whole.size()));
    seen = 0;
  }
  if (watcher->failed) call.error = Code::provider_failed;
  co_return Result<void>();
}

// `fresh` are whole events. An error: they are not to be passed on.
Result<void> Relay::judge(ReplyWatcher& watcher, std::string_view fresh, bool too_long) {
  auto good = watcher.feed(fresh);
  call.core.metrics.events_unknown += std::exchange(watcher.unknown_events, 0);
  if (watcher.content_seen) {
    call.content_deadline = kNever;
    if (call.first_content == kNever) call.first_content = net::Reactor::current().now();
  }
  call.usage = watcher.usage;
  if (!good) return good;
  if (too_long) return fail(Code::malformed_reply, "an event of the provider is over the limit");
  if (wire.done() && !watcher.ended && !watcher.failed)
    return fail(Code::malformed_reply, "the provider's stream ended before the answer was whole");
  if (watcher.failed && call.may_be_carried_on() &&
      (!call.exchange.started() || (call.told && call.told->can_go_on())))
    return fail(Code::provider_failed, "the provider's stream broke off with an error");
  return {};
}

// Small answers are seen whole before they go on, so that a broken one may still be replaced; large ones
// flow.
Task<Result<void>> Relay::untouched_body() {
  auto watcher = call.dialect->reply_watcher(false);
  const size_t hold_max = call.view->snapshot->limits.stream_buffer_bytes;
  std::string held;
  while (true) {
    auto read = co_await wire.read(between_bytes());
    if (!read) {
      if (call.exchange.started()) call.exchange.abort();
      co_return fail(std::move(read.error()));
    }
    auto good = watcher->feed(*read);
    if (wire.done() && good) {
      if (!watcher->ended)
        good = fail(Code::malformed_reply, "the provider's answer is not the JSON that was expected");
      else if (watcher->failed && !call.exchange.started() && call.others_left)
        good = fail(provider_dialect.decode_error(502, held.append(*read)));
    }
    if (!good) {
      if (call.exchange.started()) call.exchange.abort();
      co_return good;
    }
    if (!call.exchange.started()) {
      if (wire.done()) {
        call.first_content = net::Reactor::current().now();
        call.usage = watcher->usage;
        if (watcher->failed) call.error = Code::provider_failed;
        auto sent = co_await answer_whole(held.empty() ? *read : std::string_view(held.append(*read)));
        co_return sent;
      }
      held.append(*read);
      if (held.size() < hold_max) continue;
      begin(false, head.content_length);
      call.first_content = net::Reactor::current().now();
      if (call.keeper) call.keeper->see(held, false);
      auto sent = co_await call.exchange.write(held, false);
      if (!sent) co_return fail(Code::cancelled, "the client left");
      continue;
    }
    if (call.keeper) call.keeper->see(*read, wire.done());
    auto sent = co_await call.exchange.write(*read, wire.done());
    if (!sent) co_return fail(Code::cancelled, "the client left");
    if (wire.done()) break;
  }
  call.usage = watcher->usage;
  if (watcher->failed) call.error = Code::provider_failed;
  co_return Result<void>();
}

// ---- translated

ReplyShape reply_shape(const CallState& call) {
  ReplyShape shape;
  shape.stream = call.stream;
  shape.stream_usage = call.stream_usage;
  shape.request_id = call.request_id;
  shape.query = call.query;
  shape.request = call.request.get();
  shape.compaction = call.compacts;
  shape.now_unix =
      std::chrono::duration_cast<std::chrono::seconds>(std::chrono::system_clock::now().time_since_epoch())
          .count();
  return shape;
}

Task<Result<void>> Relay::translated() {
  auto decoder = provider_dialect.reply_decoder(head.stream);
  if (!call.rescue) call.encoder = call.dialect->reply_encoder(reply_shape(call));
  Tally tally(call, *call.encoder);
  std::optional<Splice> splice;
  canon::EventSink* sink = &tally;
  if (call.rescue) sink = &splice.emplace(*call.rescue, tally);
  // Two statements: g++ 12 destroys a Result from either arm of a conditional twice.
  Result<void> done;
  if (call.stream)
    done = co_await translated_stream(*decoder, *sink, tally);
  else
    done = co_await translated_body(*decoder, tally);
  co_return done;
}

// What was understood before something went wrong still goes out: it has been told.
Task<Result<void>> Relay::translated_stream(ReplyDecoder& decoder, canon::EventSink& sink, Tally& tally) {
  ReplyEncoder& encoder = *call.encoder;
  while (true) {
    auto read = co_await wire.read(between_bytes());
    note_silence();
    if (breaks_off()) read = fail(Code::unreachable, "a drill: the stream broke off");
    Result<void> good;
    encoder.elapsed_ms = elapsed_ms();
    if (read)
      good = decoder.feed(*read, sink);
    else
      good = fail(read.error());
    call.core.metrics.events_unknown += std::exchange(decoder.unknown_events, 0);
    // A connection that breaks behind the end takes nothing from the answer.
    const bool broke = !read && !call.exchange.cancel().fired();
    const bool done = wire.done() || (broke && !tally.failure && decoder.finish(sink));
    if (broke && done) good = {};
    if (good && wire.done()) good = decoder.finish(sink);
    if (good && tally.failure) good = fail(*tally.failure);
    if (!good && !call.exchange.started() && !tally.content_seen) co_return good;
    // As above: nothing goes out before the first content while another offer is left.
    if (good && !tally.content_seen && call.others_left && !done) continue;
    if (!call.exchange.started() && (!encoder.out.empty() || !good)) begin(true);
    const bool last = good && done;
    if (call.keeper) call.keeper->see(encoder.out, last);
    if (!encoder.out.empty() || last) {
      auto sent = co_await call.exchange.write(encoder.out, last);
      encoder.out.clear();
      if (!sent) co_return fail(Code::cancelled, "the client left: " + sent.error().message);
    }
    if (!good || done) co_return good;
  }
}

Task<Result<void>> Relay::translated_body(ReplyDecoder& decoder, Tally& tally) {
  size_t bytes_left =
      call.view->snapshot->limits.reply_bytes;  // as decoded: a small answer may unpack to much
  while (!wire.done()) {
    auto read = co_await wire.read(between_bytes());
    if (!read) co_return fail(std::move(read.error()));
    if (read->size() > bytes_left)
      co_return fail(Code::malformed_reply, "the provider's answer is over limits.reply_bytes");
    bytes_left -= read->size();
    CO_TRY_VOID(decoder.feed(*read, tally));
  }
  call.encoder->elapsed_ms = elapsed_ms();
  CO_TRY_VOID(decoder.finish(tally));
  if (tally.failure) co_return fail(*tally.failure);
  auto sent = co_await answer_whole(call.encoder->out);
  co_return sent;
}

// ---- vectors

Task<Result<void>> Relay::embedded() {
  const auto& limits = call.view->snapshot->limits;
  auto body = co_await wire.read_all(limits.reply_bytes, between_bytes());
  if (!body) co_return fail(std::move(body.error()));
  auto root = json::scratch().parse(*body, static_cast<int>(limits.json_depth));
  if (!root) co_return fail(Code::malformed_reply, "the provider's answer is not the JSON that was expected");
  CO_TRY(canon::EmbeddingReply reply, provider_dialect.embeddings()->decode_reply(*root));
  if (reply.vectors.size() != call.embedding->texts.size())
    co_return fail(Code::malformed_reply, fmt::format("the provider gave {} vectors for {} texts",
                                                      reply.vectors.size(), call.embedding->texts.size()));
  call.usage.estimated = reply.tokens < 0;
  if (reply.tokens < 0) {
    reply.tokens = 0;
    for (json::Text text : call.embedding->texts) reply.tokens += canon::tokens_in(text.escaped.size());
  }
  call.usage.uncached_in = reply.tokens;
  call.first_content = net::Reactor::current().now();
  const std::string_view model = std::string_view(call.offer).substr(call.offer.find('/') + 1);
  const std::string answer = call.dialect->embeddings()->encode_reply(reply, *call.embedding, model);
  auto sent = co_await answer_whole(answer);
  co_return sent;
}

}  // namespace hanse::gateway
