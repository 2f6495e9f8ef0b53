// Answers that are kept between requests: going on from one, asking for one, forgetting one. What a provider
// gets names nothing that is kept: the whole conversation is in it, so any provider can go on.
#include "base/url.h"
#include "gateway/answer.h"
#include "gateway/caller.h"
#include "gateway/gateway.h"
#include "policy/identity.h"

namespace hanse::gateway {
namespace {

AnswerStore::Bounds bounds_of(const CallState& call) {
  const auto& limits = call.view->snapshot->limits;
  return {limits.kept_answers, limits.kept_answer_bytes, limits.kept_answer_life};
}

std::string owner_of(const CallState& call) { return call.client ? call.client->name : std::string(); }

}  // namespace

void AnswerKeeper::see(std::string_view sent, bool last) {
  if (done_) return;
  if (!stream_ && (!last || !held_.empty())) {
    if (held_.size() + sent.size() > bounds_.bytes) done_ = true;
    held_.append(sent);
    sent = held_;
    if (!last || done_) return;
  }
  KeptAnswer answer = words_.read(sent, stream_, continues_);
  if (answer.id.empty()) return;
  done_ = true;
  answer.input = std::move(input_);
  store_.keep(owner_, std::move(answer), bounds_, net::Reactor::current().now());
}

// The request as it is answered: with what had been said before, or as the order to sum up. The document of
// the new body is this thread's, like the old one's.
Result<json::Value> Gateway::recall(CallState& call, json::Value root) {
  const Keeping* words = call.dialect->keeping();
  if (!words || call.embeds) return root;
  KeepingWish wish = words->wish(root);
  call.continues = wish.continues;
  call.rewritten = wish.own_words || call.compacts;
  const AnswerStore::Bounds bounds = bounds_of(call);
  if (wish.keep && call.beside_chat.empty() && !call.compacts && bounds.entries > 0)
    call.keeper =
        std::make_unique<AnswerKeeper>(cores_.answers, *words, bounds, owner_of(call), wish.continues,
                                       words->input_items(root), root["stream"].boolean().value_or(false));
  auto parse = [&]() -> Result<json::Value> {
    if (call.own_body.size() > call.view->snapshot->limits.body_bytes)
      return fail(Code::too_large, "the whole conversation is over limits.body_bytes");
    call.body = call.own_body;
    return json::scratch().parse(call.body, static_cast<int>(call.view->snapshot->limits.json_depth));
  };
  if (!wish.continues.empty()) {
    Time now = net::Reactor::current().now();
    auto before = cores_.answers.history(owner_of(call), wish.continues, bounds, now);
    if (before.empty() && call.compacts) return fail(words->unknown_previous(wish.continues));
    call.unknown_before = before.empty();
    if (before.empty()) {
      call.keeper = nullptr;  // nobody could go on from half a conversation
      return root;
    }
    std::string history;
    for (const auto& answer : before)
      for (std::string_view items : {std::string_view(answer->input), std::string_view(answer->output)})
        if (!items.empty()) history.append(history.empty() ? "" : ",").append(items);
    call.own_body = words->resume(call.body, root, history);
    call.rewritten = true;
    TRY(root, parse());
  }
  if (call.compacts) {
    call.own_body = words->compaction(root);
    TRY(root, parse());
  }
  return root;
}

net::Task<void> Gateway::kept_answer(CallState& call, const Route& route) {
  auto client = caller_without_body(call);
  if (!client) {
    co_await answer_error(call, client.error());
    co_return;
  }
  call.client = *client;
  const Keeping& words = *call.dialect->keeping();
  const std::string id = percent_decode(route.model).value_or(std::string(route.model));
  const Time now = net::Reactor::current().now();
  const AnswerStore::Bounds bounds = bounds_of(call);
  std::string body;
  if (call.exchange.head().method == "DELETE") {
    if (cores_.answers.forget(owner_of(call), id, bounds, now)) body = words.encode_forgotten(id);
  } else if (auto found = cores_.answers.find(owner_of(call), id, bounds, now)) {
    body = route.operation == Operation::kept ? found->body : words.encode_input(*found, call.query);
  }
  if (body.empty()) {
    Error error = words.unknown(id);
    co_await answer_error(call, error);
    co_return;
  }
  AnswerHeaders headers(call);
  headers.add("content-type", "application/json");
  call.status = 200;
  (void)co_await call.exchange.answer(200, headers.fields(), body);
}

}  // namespace hanse::gateway
