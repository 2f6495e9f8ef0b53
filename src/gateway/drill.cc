#include "gateway/drill.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "base/json.h"
#include "catalog/price.h"

namespace hanse::gateway {
namespace {

constexpr std::pair<std::string_view, DrillOrder::How> kHows[] = {{"refuse", DrillOrder::How::refuse},
                                                                  {"throttle", DrillOrder::How::throttle},
                                                                  {"stall", DrillOrder::How::stall},
                                                                  {"slow", DrillOrder::How::slow},
                                                                  {"cut", DrillOrder::How::cut}};

Result<void> wrong(std::string_view member, const std::string& wanted) {
  return fail(Code::bad_request, fmt::format("{}: wanted {}", member, wanted)).at(std::string(member));
}

Result<void> read_lose(json::Value root, const std::vector<catalog::Provider>& providers, DrillOrder& out) {
  std::vector<std::string> known;
  for (const catalog::Provider& provider : providers)
    for (const std::string_view name : provider.groups())
      if (!name.empty() && std::ranges::find(known, name) == known.end()) known.emplace_back(name);
  for (json::Value each : root["lose"]) {
    out.lose.push_back(each.string());
    if (std::ranges::find(known, out.lose.back()) == known.end())
      return wrong("lose", fmt::format("some of {}; not '{}'", fmt::join(known, ", "), out.lose.back()));
  }
  if (out.lose.empty()) return wrong("lose", fmt::format("a list of some of {}", fmt::join(known, ", ")));
  return {};
}

Result<void> read_how(json::Value root, DrillOrder& out) {
  if (!root["how"].present()) return {};
  const std::string named = root["how"].string();
  for (const auto& [name, how] : kHows)
    if (name == named) {
      out.how = how;
      return {};
    }
  return wrong("how", "refuse, throttle, stall, slow or cut");
}

Result<void> read_number(json::Value root, std::string_view member, double least, double most, double& out) {
  const json::Value value = root[member];
  if (!value.present()) return {};
  out = value.number().value_or(-1);
  if (!(out >= least && out <= most))
    return wrong(member, fmt::format("a number from {} to {}", least, most));
  return {};
}

// Milliseconds under which so much of all were: the upper bound of the bucket.
double quantile_ms(const observe::Histogram& all, double part) {
  uint64_t sum = 0, seen = 0;
  for (uint64_t count : all.counts) sum += count;
  if (sum == 0) return 0;
  for (size_t i = 0; i < all.kBounds.size(); ++i) {
    seen += all.counts[i];
    if (static_cast<double>(seen) >= part * static_cast<double>(sum)) return all.kBounds[i] * 1000;
  }
  return all.kBounds.back() * 1000;
}

void write_first_token(json::Writer& w, std::string_view when, const observe::Histogram& all) {
  w.key(when).object().key("p50").raw(fmt::format("{}", quantile_ms(all, 0.5)));
  w.key("p99").raw(fmt::format("{}", quantile_ms(all, 0.99))).end_object();
}

}  // namespace

bool DrillOrder::means(const catalog::Provider& provider) const {
  return std::ranges::any_of(lose, [&](const std::string& name) { return provider.belongs_to(name); });
}

std::string_view name_of(DrillOrder::How how) {
  for (const auto& [name, known] : kHows)
    if (known == how) return name;
  return {};
}

Result<std::shared_ptr<DrillOrder>> read_drill_order(std::string_view body,
                                                     const std::vector<catalog::Provider>& providers,
                                                     Time now) {
  json::Document document;
  TRY(json::Value root, document.parse(body, 8));
  if (!root.is_object()) return fail(Code::bad_request, "the body must be a JSON object");
  constexpr std::string_view kMembers[] = {"lose", "for_ms", "how", "share", "slo"};
  for (json::Value member : root)
    if (std::ranges::find(kMembers, member.key().escaped) == std::end(kMembers))
      TRY_VOID(wrong(member.key().escaped, fmt::format("one of {} instead", fmt::join(kMembers, ", "))));
  auto out = std::make_shared<DrillOrder>();
  TRY_VOID(read_lose(root, providers, *out));
  TRY_VOID(read_how(root, *out));
  TRY_VOID(read_number(root, "share", 0, 1, out->share));
  TRY_VOID(read_number(root, "slo", 0, 100, out->slo));
  double length = -1;
  const auto most = static_cast<double>(DrillOrder::kLengthMax.count());
  TRY_VOID(read_number(root, "for_ms", 1, most, length));
  if (length < 0)
    TRY_VOID(wrong("for_ms", fmt::format("how long it takes, in milliseconds, at most {}", most)));
  out->length = milliseconds(static_cast<int64_t>(length));
  out->until = after(now, out->length);
  return out;
}

std::shared_ptr<DrillOrder> scheduled_drill(const catalog::Drill& drill, Time now) {
  auto out = std::make_shared<DrillOrder>();
  out->lose = drill.lose;
  for (const auto& [name, how] : kHows)
    if (name == drill.how) out->how = how;
  out->share = static_cast<double>(drill.share) / 100;
  out->length = drill.length;
  out->until = after(now, drill.length);
  return out;
}

bool begins_at(const catalog::Drill& drill, int64_t unix_minute) {
  constexpr int64_t kMinutesADay = 24 * 60, kThursday = 4;  // 1970 began with one
  const auto day = static_cast<size_t>((unix_minute / kMinutesADay + kThursday) % 7);
  auto is_now = [&](const std::string& at) {
    return catalog::minute_of_day(at) == unix_minute % kMinutesADay;
  };
  const bool today =
      drill.days.empty() || std::ranges::find(drill.days, catalog::kWeekdays[day]) != drill.days.end();
  return today && std::ranges::any_of(drill.at, is_now);
}

namespace {

// What the requests of the drill cost beyond what as many did before it.
void write_cost(json::Writer& w, const observe::Metrics& before, const observe::Metrics& after,
                uint64_t requests) {
  const auto cost = static_cast<int64_t>(after.spend - before.spend);
  w.key("cost_usd").raw(catalog::text_in_usd(cost));
  if (before.requests() == 0) return;
  const auto usual = static_cast<int64_t>(before.spend / before.requests() * requests);
  w.key("added_cost_usd").raw(catalog::text_in_usd(cost - usual));
}

}  // namespace

std::string drill_report(const DrillOrder& order, const observe::Metrics& before,
                         const observe::Metrics& after, const LeastRoom& room, milliseconds took) {
  const uint64_t requests = after.requests() - before.requests();
  const uint64_t failed = after.failed_requests() - before.failed_requests();
  const double answered =
      requests == 0
          ? 100
          : 100 * (1 - static_cast<double>(std::min(failed, requests)) / static_cast<double>(requests));
  observe::Histogram within = after.first_tokens();
  const observe::Histogram earlier = before.first_tokens();
  for (size_t i = 0; i < within.counts.size(); ++i) within.counts[i] -= earlier.counts[i];
  auto number = [](uint64_t n) { return static_cast<int64_t>(n); };
  std::string out;
  json::Writer w(out);
  w.object().key("lose").array();
  for (const std::string& name : order.lose) w.string(name);
  w.end_array().key("how").string(name_of(order.how)).key("share").raw(fmt::format("{}", order.share));
  w.key("took_ms").number(took.count()).key("requests").number(number(requests));
  w.key("failed").number(number(failed)).key("answered_percent").raw(fmt::format("{:.3f}", answered));
  w.key("attempts_hit").number(number(after.drilled - before.drilled));
  w.key("carried_on").number(number(after.carried_on - before.carried_on));
  w.key("carried_on_whole").number(number(after.carried_on_whole - before.carried_on_whole));
  w.key("first_token_ms").object();
  write_first_token(w, "before", earlier);
  write_first_token(w, "within", within);
  w.end_object();
  write_cost(w, before, after, requests);
  if (!room.offer.empty())
    w.key("least_headroom")
        .object()
        .key("offer")
        .string(room.offer)
        .key("percent")
        .number(room.percent)
        .end_object();
  w.key("slo_percent").raw(fmt::format("{}", order.slo));
  w.key("slo_kept").boolean(answered >= order.slo).end_object();
  return out;
}

}  // namespace hanse::gateway
