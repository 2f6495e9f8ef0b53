#include "gateway/answer.h"

namespace hanse::gateway {

AnswerHeaders::AnswerHeaders(const CallState& call) {
  fields_.reserve(16);
  add("x-request-id", call.request_id);
  std::string_view own = call.dialect->request_id_header();
  if (own != "x-request-id") add(own, call.request_id);
}

void AnswerHeaders::add_owned(std::string_view name, std::string value) {
  owned_.push_back(std::make_unique<std::string>(std::move(value)));
  add(name, *owned_.back());
}

void AnswerHeaders::add_both_owned(std::string name, std::string value) {
  owned_.push_back(std::make_unique<std::string>(std::move(name)));
  add_owned(*owned_.back(), std::move(value));
}

std::string retry_after_seconds(milliseconds wait) {
  return std::to_string(std::max<int64_t>(1, (wait.count() + 999) / 1000));
}

namespace {

std::string skipped_text(const CallState& call) {
  std::string out;
  for (const auto& [offer, reason] : call.skipped)
    out += (out.empty() ? "" : ", ") + name_of(call, offer) + " " + reason;
  return out;
}

// In the client's dialect, and nothing behind it ends the stream like a good one.
std::string stream_error(CallState& call, const Error& error) {
  if (call.encoder) {
    call.encoder->out.clear();
    call.encoder->on(canon::Failure{error});
    return std::move(call.encoder->out);
  }
  const StreamFrame frame = call.dialect->client_frame(call.query);
  return frame.error ? frame.error(error) : call.dialect->encode_stream_error(error, call.request_id);
}

}  // namespace

void add_explained(AnswerHeaders& headers, const CallState& call) {
  if (!call.skipped.empty()) headers.add_owned("x-hanse-skipped", skipped_text(call));
  if (!call.explanation) return;
  const auto here = std::chrono::duration_cast<milliseconds>(net::Reactor::current().now() - call.started);
  headers.add_owned("x-hanse-explain", call.explanation->header(call.offer, here));
}

net::Task<void> answer_error(CallState& call, const Error& error) {
  call.error = error.code;
  if (error.code == Code::cancelled) {
    call.status = 499;
    call.exchange.abort();
    co_return;
  }
  if (call.exchange.started()) {
    if (call.stream) {
      const std::string last = stream_error(call, error);
      (void)co_await call.exchange.write(last, true);
    }
    call.exchange.abort();
    co_return;
  }
  AnswerHeaders headers(call);
  if (!call.offer.empty()) headers.add("x-hanse-offer", call.offer);
  add_explained(headers, call);
  if (!call.allow.empty()) headers.add("allow", call.allow);
  const ProviderRefusal& refusal = call.refusal;
  std::string body;
  if (refusal.dialect && refusal.dialect == call.dialect) {
    call.status = refusal.status;
    headers.add("content-type", refusal.content_type);
    for (const auto& [name, value] : refusal.headers) headers.add(name, value);
    body = refusal.body;
  } else {
    if (error.retry_after) headers.add_owned("retry-after", retry_after_seconds(*error.retry_after));
    call.status = call.dialect->client_status(error);
    for (auto& [name, value] : call.dialect->error_headers(error))
      headers.add_both_owned(std::move(name), std::move(value));
    headers.add("content-type", "application/json");
    body = call.dialect->encode_error(error, call.request_id);
  }
  (void)co_await call.exchange.answer(call.status, headers.fields(), body);
}

}  // namespace hanse::gateway
