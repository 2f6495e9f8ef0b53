// The life of one chat request.
#include <fmt/format.h>

#include "base/url.h"
#include "canon/estimate.h"
#include "canon/needs.h"
#include "dialect/embeddings.h"
#include "gateway/answer.h"
#include "gateway/arrange.h"
#include "gateway/caller.h"
#include "gateway/foretell.h"
#include "gateway/gateway.h"
#include "gateway/provider_request.h"
#include "policy/admission.h"
#include "policy/identity.h"
#include "route/plan.h"
#include "route/retry.h"
#include "route/terms.h"

namespace hanse::gateway {

using net::Task;

namespace {

// Only one of them would be replaced by the offer's model, and who knows which one the provider believes.
bool given_more_than_once(json::Value root, std::string_view key) {
  int times = 0;
  for (json::Value member : root) times += member.key().escaped == key;
  return times > 1;
}

// Names go into headers, logs and metrics. The longest that vendors have are ARNs, of some hundred bytes.
constexpr size_t kModelBytesMax = 2048;

Result<void> check_model(const CallState& call) {
  if (call.model.size() <= kModelBytesMax) return {};
  return fail(Code::bad_request, fmt::format("model: a name of more than {} bytes", kModelBytesMax))
      .at("model");
}

Result<void> read_model(CallState& call, json::Value root, json::Value model) {
  if (given_more_than_once(root, "model"))
    return fail(Code::bad_request, "model: given more than once").at("model");
  if (model.is_string() && !model.text().empty()) {
    call.model_token = model.raw().json;
    call.model = model.string();
  }
  if (!call.path_model.empty()) {  // the address counts, whatever the body says
    auto named = percent_decode(call.path_model);
    if (!named || is_dots(*named))
      return fail(Code::bad_request, "the path names no model: " + std::string(call.path_model)).at("model");
    call.model = std::move(*named);
    call.model_token = model.raw().json;  // also a null, which LangChain says beside its deployment
    return check_model(call);
  }
  if (!call.model.empty()) return check_model(call);
  std::string was = model.is_string() ? "an empty string" : std::string(json::name_of(model.type()));
  return fail(Code::bad_request, "model: wanted the name of a model, not " + was).at("model");
}

// What routing and pass-through need.
Result<void> read_facts(CallState& call, json::Value root) {
  Peek peek = call.dialect->peek(root);
  TRY_VOID(read_model(call, root, peek.model));
  call.stream = call.path_stream.value_or(peek.stream);
  call.stream_usage = peek.stream_usage;
  return {};
}

// What the models must be able to do, where they differ in that. A body that only its provider understands
// asks for nothing that is known.
route::Ask ask_of(CallState& call, std::span<const catalog::Offer> offers, json::Value root) {
  if (!call.beside_chat.empty() || !route::depends_on_ask(offers, call.body.size())) return {};
  auto request = decode(call, root);
  if (!request) return {};
  call.request = std::move(*request);
  return {canon::needs_of(*call.request), canon::estimate_tokens(root)};
}

// Vectors of one model mean nothing beside another's, so only the first one's are taken. Gives the others.
std::vector<catalog::Offer> take_other_models(std::vector<catalog::Offer>& offers) {
  const catalog::Offer first = offers.front();
  auto is_same = [&](const catalog::Offer& offer) {
    return first.known && offer.known ? offer.known == first.known : offer.model == first.model;
  };
  std::vector<catalog::Offer> same, out;
  for (catalog::Offer& offer : offers) (is_same(offer) ? same : out).push_back(std::move(offer));
  offers = std::move(same);
  return out;
}

std::string barred_text(const CallState& call, const std::vector<route::Plan::Skipped>& barred) {
  std::string out = fmt::format("model: no offer of '{}' may be asked: ", call.model);
  for (const auto& [offer, reason] : barred)
    out += fmt::format("{}{} {}", &offer == &barred.front().offer ? "" : ", ", name_of(call, offer), reason);
  return out;
}

// Takes out the offers that may not be asked, whatever comes. Error: all of them.
Result<std::vector<route::Plan::Skipped>> take_barred(const CallState& call,
                                                      std::vector<catalog::Offer>& offers) {
  std::vector<route::Plan::Skipped> out;
  const route::Terms anyone{call.client ? &call.client->within : nullptr, -1};
  auto reason = [&](const catalog::Offer& offer) {
    route::Terms terms = anyone;
    if (offer.by && offer.by->price_max) terms.price = price_of(call, offer);
    return route::reason_against(offer, *call.view->providers[offer.provider].provider, terms);
  };
  for (const catalog::Offer& offer : offers)
    if (std::string why = reason(offer); !why.empty()) out.push_back({offer, std::move(why)});
  if (out.empty()) return out;
  if (out.size() == offers.size()) return fail(Code::denied, barred_text(call, out)).at("model");
  std::erase_if(offers, [&](const catalog::Offer& offer) { return !reason(offer).empty(); });
  return out;
}

// Nobody who knows could be asked: a guess, and called one.
Task<Result<void>> tell_estimate(CallState& call) {
  AnswerHeaders headers(call);
  headers.add("content-type", "application/json");
  headers.add("x-hanse-estimated", "input_tokens");
  call.status = 200;
  call.refusal = {};
  std::string body = call.dialect->encode_token_count(call.tokens_estimated);
  auto sent = co_await call.exchange.answer(200, headers.fields(), body);
  co_return sent;
}

}  // namespace

policy::PresentedKeys presented_keys(const CallState& call) {
  const auto& head = call.exchange.head();
  auto get = [&](std::string_view name) { return head.headers.get(name); };
  size_t query = std::min(head.target.find('?'), head.target.size() - 1);
  return {get("authorization"), get("x-api-key"), get("api-key"), get("x-goog-api-key"),
          head.target.substr(query + 1)};
}

Task<void> Gateway::chat(CallState& call) {
  cores_.in_flight.fetch_add(1, std::memory_order_relaxed);
  auto served = co_await serve(call);
  if (!served) co_await answer_error(call, served.error());
  cores_.in_flight.fetch_sub(1, std::memory_order_relaxed);
}

Task<Result<void>> Gateway::serve(CallState& call) {
  const catalog::Snapshot& snapshot = *call.view->snapshot;
  CO_TRY_VOID(policy::admit(cores_.in_flight.load(std::memory_order_relaxed), snapshot.limits.in_flight));
  CO_TRY(call.client, caller_of(call));
  auto body = co_await call.exchange.read_body(snapshot.limits.body_bytes);
  if (!body) co_return fail(std::move(body.error()));
  CO_TRY_VOID(check_signature(call, *body));
  CO_TRY_VOID(read_request(call, *body));
  if (call.exchange.head().headers.get("x-hanse-explain") == "only") {
    const std::string text = foretold(call);
    co_await answer_text(call, 200, text, "application/json");
    co_return Result<void>();
  }
  auto done = co_await try_offers(call);
  bool nobody_knows =
      !done && (call.offers.empty() || route::cause_of(done.error()) != route::Cause::request);
  if (nobody_knows && call.tokens_estimated >= 0 && !call.exchange.started())
    done = co_await tell_estimate(call);
  co_return done;
}

// The few facts that routing needs. The document they come from is this thread's: it is gone after the first
// wait, so a request that will be translated is decoded now.
Result<void> Gateway::read_request(CallState& call, std::string_view body) {
  call.body = body;
  call.strict = call.exchange.head().headers.get("x-hanse-strict") == "true";
  TRY(call.priority, policy::priority_of(call.client, call.exchange.head().headers.get("x-hanse-priority")));
  if (call.exchange.head().headers.get("x-hanse-explain") == "true")
    call.explanation = std::make_shared<Explanation>();
  TRY(json::Value root,
      json::scratch().parse(body, static_cast<int>(call.view->snapshot->limits.json_depth)));
  if (!root.is_object())
    return fail(Code::bad_request,
                fmt::format("the body must be a JSON object, not {}", json::name_of(root.type())));
  TRY(root, recall(call, root));
  TRY_VOID(read_facts(call, root));
  if (call.compacts) call.stream = false;
  if (call.counts_tokens) call.tokens_estimated = canon::estimate_tokens(root);
  TRY(auto offers, choose(call));
  if (offers.empty()) return {};
  TRY(auto barred, take_barred(call, offers));
  route::Ask ask = ask_of(call, offers, root);
  std::vector<catalog::Offer> other_vectors = call.embeds ? take_other_models(offers) : decltype(offers)();
  route::Plan plan = route::plan(std::move(offers), ask);
  for (catalog::Offer& offer : other_vectors)
    plan.skipped.push_back({std::move(offer), "is another model: its vectors can't be compared"});
  std::ranges::move(barred, std::back_inserter(plan.skipped));
  arrange(call, plan.offers, root);
  const ProviderAccess& first = call.view->providers[plan.offers.front().provider];
  const bool translated = first.door_for(*call.dialect).dialect != call.dialect;
  if (call.embeds && translated) {
    TRY(call.embedding, call.dialect->embeddings()->decode_request(root));
  } else if (!call.request && (call.rewritten || translated)) {
    TRY(call.request, decode(call, root));
  }
  call.offers = std::move(plan.offers);
  call.skipped = std::move(plan.skipped);
  return {};
}

Result<std::vector<catalog::Offer>> Gateway::choose(CallState& call) const {
  TRY_VOID(policy::may_use(call.client, call.model));
  TRY(auto offers, call.view->snapshot->offers_for(call.model));
  if (call.unknown_before) {
    std::erase_if(offers, [&](const catalog::Offer& offer) {
      return call.view->providers[offer.provider].door_for(*call.dialect).dialect != call.dialect;
    });
    if (offers.empty()) return fail(call.dialect->keeping()->unknown_previous(call.continues));
  }
  if (!call.beside_chat.empty()) {
    std::erase_if(offers, [&](const catalog::Offer& offer) {
      const DoorAccess& door = call.view->providers[offer.provider].door_for(*call.dialect);
      return call.rewritten || path_beside_chat(call, door, offer.model).empty();
    });
    if (offers.empty() && call.tokens_estimated < 0)
      return fail(Code::unsupported,
                  fmt::format("model: no provider of '{}' takes {} as this path asks for them", call.model,
                              call.beside_chat))
          .at("model");
  }
  return offers;
}

}  // namespace hanse::gateway
