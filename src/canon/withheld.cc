#include "canon/withheld.h"

#include <utility>

namespace hanse::canon {
namespace {

Raw* find(Sampling& sampling, std::string_view name) {
  const std::pair<std::string_view, Raw*> fields[] = {
      {"temperature", &sampling.temperature},
      {"top_p", &sampling.top_p},
      {"top_k", &sampling.top_k},
      {"seed", &sampling.seed},
      {"frequency_penalty", &sampling.frequency_penalty},
      {"presence_penalty", &sampling.presence_penalty},
      {"logit_bias", &sampling.logit_bias},
      {"logprobs", &sampling.logprobs},
      {"top_logprobs", &sampling.top_logprobs},
  };
  for (auto [field, value] : fields)
    if (field == name) return value;
  return nullptr;
}

}  // namespace

Withheld::Withheld(Request& request, std::span<const std::string> fields, Losses& losses)
    : request_(request), sampling_(request.sampling) {
  losses.speak_as(request);
  for (const std::string& field : fields) {
    if (field == "stop" && !request.stop.empty()) {
      losses.add("stop");
      stop_ = std::exchange(request.stop, {});
    }
    Raw* value = find(request.sampling, field);
    if (!value || value->empty()) continue;
    losses.add(field);
    *value = {};
  }
}

Withheld::~Withheld() {
  request_.sampling = sampling_;
  if (!stop_.empty()) request_.stop = std::move(stop_);
}

}  // namespace hanse::canon
