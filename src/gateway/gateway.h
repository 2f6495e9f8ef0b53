// The gateway: answers every request of a core. Which path means what stands in routes.cc; the life of a chat
// request in serve.cc (docs/tour.md tells it in words).
#pragma once

#include "gateway/call_state.h"
#include "gateway/cores.h"
#include "gateway/routes.h"
#include "net/exchange.h"

namespace hanse::gateway {

class Order;

class Gateway final : public net::Handler {
 public:
  Gateway(Core& core, Cores& cores) : core_(core), cores_(cores) {}

  net::Task<void> handle(net::Exchange& exchange) override;
  net::Refusal refusal(const Error& error, std::string_view target) override;

 private:
  net::Task<Result<void>> serve(CallState& call);       // serve.cc
  net::Task<Result<void>> try_offers(CallState& call);  // fallback.cc
  net::Task<Result<void>> try_offer(CallState& call, const catalog::Offer& offer, Order& order);
  Result<void> read_request(CallState& call, std::string_view body);
  Result<std::vector<catalog::Offer>> choose(CallState& call) const;
  net::Task<void> chat(CallState& call);
  net::Task<void> models(CallState& call, const Route& route);
  net::Task<void> kept_answer(CallState& call, const Route& route);  // kept_answers.cc
  Result<json::Value> recall(CallState& call, json::Value root);
  net::Task<void> metrics(CallState& call);
  net::Task<void> status(CallState& call);
  net::Task<void> allowed_methods(CallState& call);
  net::Task<Result<void>> drill(CallState& call);
  net::Task<void> answer_text(CallState& call, int status, std::string_view text,
                              std::string_view content_type = "text/plain; charset=utf-8");
  net::Task<void> serve_itself(CallState& call, Service service);
  void record(CallState& call, const Route& route);

  Core& core_;
  Cores& cores_;
};

}  // namespace hanse::gateway
