#include "gateway/shares.h"

#include <fmt/format.h>

#include "base/json.h"
#include "gateway/arrange.h"

namespace hanse::gateway {
namespace {

int64_t units_of(const CallState& call, const catalog::Offer& offer, const catalog::Concentration& rule) {
  if (rule.by == "tokens") return tokens_under_way(call);
  return rule.by == "spend" ? std::max<int64_t>(0, price_of(call, offer)) : 1;
}

}  // namespace

route::Share share_of(const CallState& call, const catalog::Offer& offer, Time now) {
  auto out = route::Share::within;
  for (const View::Concentration& one : call.view->concentrations) {
    const catalog::Concentration& rule = *one.rule;
    if (!one.concerns[offer.provider]) continue;
    if (!one.counted->is_over(now, rule.window, units_of(call, offer, rule), static_cast<int64_t>(rule.most)))
      continue;
    if (!rule.bends) return route::Share::above;
    out = route::Share::above_but_bends;
  }
  return out;
}

SharePart::SharePart(const CallState& call, const catalog::Offer& offer, Time now)
    : call_(call), offer_(offer), now_(now) {
  add(1);
}

SharePart::~SharePart() {
  if (!kept_) add(-1);
}

void SharePart::add(int sign) const {
  for (const View::Concentration& one : call_.view->concentrations)
    one.counted->add(now_, one.rule->window, sign * units_of(call_, offer_, *one.rule),
                     one.concerns[offer_.provider]);
}

std::string shares_json(const View& view, Time now) {
  std::string out = R"(,"shares":)";
  json::Writer w(out);
  w.array();
  for (const auto& [rule, counted, concerns] : view.concentrations) {
    w.object().key("name").string(rule->name).key("of").string(rule->of).key("by").string(rule->by);
    w.key("most_percent").number(static_cast<int64_t>(rule->most));
    if (const int64_t percent = counted->percent(now, rule->window); percent >= 0)
      w.key("percent").number(percent);
    w.end_object();
  }
  w.end_array();
  return out;
}

std::string shares_metrics(const View& view, Time now) {
  std::string out;
  auto gauge = [&](std::string_view name, std::string_view help, auto value) {
    out += fmt::format("# HELP {} {}\n# TYPE {} gauge\n", name, help, name);
    for (const View::Concentration& one : view.concentrations)
      if (const int64_t number = value(one); number >= 0)
        out += fmt::format("{}{{rule=\"{}\"}} {}\n", name, observe::label_value(one.rule->name), number);
  };
  if (view.concentrations.empty()) return out;
  gauge("hanse_share_percent", "How much of all goes to the group of this rule.",
        [&](const auto& one) { return one.counted->percent(now, one.rule->window); });
  gauge("hanse_share_limit_percent", "And how much may.",
        [](const auto& one) { return static_cast<int64_t>(one.rule->most); });
  return out;
}

}  // namespace hanse::gateway
