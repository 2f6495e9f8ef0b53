// GET /v1/models and /v1/models/{id}, in the dialect that the client's headers show.
#include <algorithm>

#include "base/url.h"
#include "gateway/answer.h"
#include "gateway/caller.h"
#include "gateway/gateway.h"
#include "policy/identity.h"

namespace hanse::gateway {
namespace {

std::vector<ModelInfo> listed(const CallState& call) {
  std::vector<ModelInfo> out;
  for (const auto& name : call.view->snapshot->model_names())
    if (policy::may_use(call.client, name.id)) out.push_back({name.id, name.owner, 0});
  return out;
}

}  // namespace

net::Task<void> Gateway::models(CallState& call, const Route& route) {
  auto client = caller_without_body(call);
  if (!client) {
    co_await answer_error(call, client.error());
    co_return;
  }
  call.client = *client;
  std::vector<ModelInfo> known = listed(call);
  std::string body;
  const std::string id = percent_decode(call.path_model).value_or(std::string(call.path_model));
  if (id.empty()) {
    body = route.operation == Operation::profiles ? call.dialect->encode_profiles(known)
                                                  : call.dialect->encode_models(known);
  } else {
    auto found = std::ranges::find(known, id, &ModelInfo::id);
    if (found == known.end()) {
      auto missing = call.view->snapshot->offers_for(id);
      Error error(Code::not_found, "the model '" + id + "' is not listed");
      co_await answer_error(call, missing ? error : missing.error());
      co_return;
    }
    body = call.dialect->encode_model(*found);
  }
  AnswerHeaders answer(call);
  answer.add("content-type", "application/json");
  call.status = 200;
  (void)co_await call.exchange.answer(200, answer.fields(), body);
}

}  // namespace hanse::gateway
