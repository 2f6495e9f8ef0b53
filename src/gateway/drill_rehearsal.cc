#include "gateway/drill_rehearsal.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/json.h"
#include "catalog/price.h"
#include "gateway/arrange.h"
#include "route/terms.h"

namespace hanse::gateway {
namespace {

using End = route::RequestOutcome::End;
using How = route::PlayedFault::How;

How played(DrillOrder::How how) {
  switch (how) {
    case DrillOrder::How::throttle:
      return How::throttled;
    case DrillOrder::How::stall:
      return How::silent;
    case DrillOrder::How::slow:
      return How::slow;
    case DrillOrder::How::cut:
      return How::cut;
    default:
      return How::lost;
  }
}

struct Scene {
  route::Rehearsal rehearsal;
  bool priced = true;  // all of them have one
};

route::PlayedOffer played(const catalog::Offer& offer, const catalog::Provider& provider,
                          const RecordedLoad& load) {
  route::PlayedOffer out;
  out.name = provider.name + "/" + offer.model;
  out.share = offer.share;
  out.set = set_limits_of(provider);
  if (offer.terms && offer.terms->input && offer.terms->output)
    out.price_input = *offer.terms->input, out.price_output = *offer.terms->output;
  auto seen = load.offers.find(out.name);
  if (seen == load.offers.end() || seen->second.streams == 0) return out;
  const auto streams = static_cast<double>(seen->second.streams);
  out.first_token = milliseconds(static_cast<int64_t>(1000 * seen->second.first_token_s / streams));
  if (seen->second.speaking_s > 0)
    out.tokens_per_second = std::max(1.0, seen->second.tokens / seen->second.speaking_s);
  return out;
}

Result<Scene> scene_of(const catalog::Snapshot& snapshot, std::string_view model, const DrillOrder& order,
                       milliseconds at, const RecordedLoad& load) {
  Scene out;
  TRY(auto offers, snapshot.offers_for(model));
  std::erase_if(offers, [&](const catalog::Offer& offer) {
    return !route::reason_against(offer, snapshot.providers[offer.provider], {}).empty();
  });
  offers.resize(std::min(offers.size(), route::kOffersMax));
  if (offers.empty()) return fail(Code::bad_request, "no offer of the model may be asked");
  out.rehearsal.policy = route::Policy::ordered;
  if (offers.front().by)
    out.rehearsal.policy = route::policy_named(offers.front().by->policy).value_or(route::Policy::ordered);
  out.rehearsal.retry = snapshot.retry;
  out.rehearsal.health = snapshot.health;
  for (size_t i = 0; i < offers.size(); ++i) {
    const catalog::Provider& provider = snapshot.providers[offers[i].provider];
    out.rehearsal.offers.push_back(played(offers[i], provider, load));
    out.priced = out.priced && out.rehearsal.offers.back().price_input >= 0;
    if (order.means(provider))
      out.rehearsal.faults.push_back({i, at, at + order.length, played(order.how), order.share});
  }
  return out;
}

struct Times {
  int64_t p50 = 0, p99 = 0;
};

// Of those that came while the drill lasts.
Times first_tokens(const route::Rehearsed& out, const RecordedLoad& load, milliseconds from,
                   milliseconds until) {
  std::vector<int64_t> times;
  for (size_t i = 0; i < out.requests.size(); ++i) {
    const milliseconds came = load.requests[i].at;
    if (came >= from && came < until && out.requests[i].first_token.count() >= 0)
      times.push_back(out.requests[i].first_token.count());
  }
  if (times.empty()) return {};
  std::ranges::sort(times);
  return {times[times.size() / 2], times[(times.size() - 1) * 99 / 100]};
}

int64_t spent(const route::Rehearsed& out) {
  int64_t sum = 0;
  for (const route::RequestOutcome& request : out.requests) sum += request.price;
  return sum;
}

void write_times(json::Writer& w, std::string_view name, Times times) {
  w.key(name).object().key("p50").number(times.p50).key("p99").number(times.p99).end_object();
}

void write_offers(json::Writer& w, const Scene& scene, const route::Rehearsed& calm,
                  const route::Rehearsed& drilled) {
  w.key("offers").array();
  for (size_t i = 0; i < drilled.offers.size(); ++i) {
    const route::PlayedOffer& offer = scene.rehearsal.offers[i];
    const bool lost =
        std::ranges::any_of(scene.rehearsal.faults, [&](const auto& fault) { return fault.offer == i; });
    auto number = [](uint64_t n) { return static_cast<int64_t>(n); };
    w.object().key("offer").string(offer.name).key("lost").boolean(lost);
    w.key("answers").number(number(drilled.offers[i].answers));
    w.key("answers_without").number(number(calm.offers[i].answers));
    w.key("most_at_once").number(drilled.offers[i].most_at_once);
    if (offer.set.concurrency > 0)
      w.key("headroom").number(offer.set.concurrency - drilled.offers[i].most_at_once);
    w.end_object();
  }
  w.end_array();
}

std::string report_of(const Scene& scene, const DrillOrder& order, milliseconds at, const RecordedLoad& load,
                      const route::Rehearsed& calm, const route::Rehearsed& drilled) {
  int64_t within = 0, failed = 0, shed = 0, carried_on = 0;
  const milliseconds until = at + order.length;
  for (size_t i = 0; i < drilled.requests.size(); ++i) {
    const route::RequestOutcome& request = drilled.requests[i];
    within += load.requests[i].at >= at && load.requests[i].at < until;
    failed += request.end == End::failed;
    shed += request.end == End::shed;
    carried_on += request.carried_on > 0 && request.end == End::answered;
  }
  const auto all = static_cast<double>(drilled.requests.size());
  const double answered = 100 * (1 - static_cast<double>(failed + shed) / all);
  std::string out;
  json::Writer w(out);
  w.object().key("lose").array();
  for (const std::string& name : order.lose) w.string(name);
  w.end_array().key("how").string(name_of(order.how)).key("share").raw(fmt::format("{}", order.share));
  w.key("rehearsed_ms").number(load.requests.back().at.count()).key("drill_ms").number(order.length.count());
  w.key("requests").number(static_cast<int64_t>(drilled.requests.size())).key("within").number(within);
  w.key("failed").number(failed).key("shed").number(shed).key("carried_on_whole").number(carried_on);
  w.key("answered_percent").raw(fmt::format("{:.3f}", answered));
  w.key("first_token_ms").object();
  write_times(w, "without", first_tokens(calm, load, at, until));
  write_times(w, "within", first_tokens(drilled, load, at, until));
  w.end_object();
  if (scene.priced) {
    w.key("cost_usd").raw(catalog::text_in_usd(spent(drilled)));
    w.key("added_cost_usd").raw(catalog::text_in_usd(spent(drilled) - spent(calm)));
  }
  write_offers(w, scene, calm, drilled);
  w.key("slo_percent").raw(fmt::format("{}", order.slo)).key("slo_kept").boolean(answered >= order.slo);
  w.end_object();
  return out;
}

// Milliseconds since 1970, of the log's own form: a fraction of three digits.
std::optional<int64_t> unix_ms(std::string_view text) {
  const auto seconds = unix_of_rfc3339(text);
  if (!seconds) return {};
  int64_t ms = 0;
  if (const size_t dot = text.find('.'); dot != std::string_view::npos)
    for (size_t i = 1; i <= 3; ++i)
      ms = ms * 10 +
           (dot + i < text.size() && text[dot + i] >= '0' && text[dot + i] <= '9' ? text[dot + i] - '0' : 0);
  return *seconds * 1000 + ms;
}

struct LogLine {
  int64_t ended_ms = 0, duration_us = 0;
  route::PlayedRequest request;
};

std::optional<LogLine> read_line(json::Value line, std::string_view model, RecordedLoad& load) {
  const auto ended = unix_ms(line["time"].string());
  const auto input = line["input_tokens"].integer(), output = line["output_tokens"].integer();
  if (!ended || line["model"].string() != model || !input || !output) return {};
  LogLine out{*ended, line["duration_us"].integer().value_or(0), {}};
  out.request.input_tokens = std::max<int64_t>(1, *input);
  out.request.output_tokens = std::max<int64_t>(1, *output);
  const auto first = line["ttft_us"].integer();
  if (first && line["stream"].boolean().value_or(false) && line["attempts"].integer().value_or(1) == 1) {
    RecordedLoad::Seen& seen = load.offers[line["offer"].string()];
    ++seen.streams;
    seen.first_token_s += static_cast<double>(*first) / 1e6;
    seen.speaking_s += static_cast<double>(std::max<int64_t>(1, out.duration_us - *first)) / 1e6;
    seen.tokens += static_cast<double>(out.request.output_tokens);
  }
  return out;
}

}  // namespace

Result<RecordedLoad> recorded_load(std::string_view lines, std::string_view model) {
  RecordedLoad out;
  std::vector<std::pair<int64_t, route::PlayedRequest>> came;  // in milliseconds
  json::Document document;
  while (!lines.empty()) {
    const std::string_view text = lines.substr(0, lines.find('\n'));
    lines.remove_prefix(std::min(text.size() + 1, lines.size()));
    if (text.empty()) continue;
    auto root = document.parse(text, 16);
    const auto line = root && root->is_object() ? read_line(*root, model, out) : std::nullopt;
    if (line)
      came.emplace_back(line->ended_ms - line->duration_us / 1000, line->request);
    else
      ++out.lines_skipped;
  }
  if (came.empty())
    return fail(Code::bad_request,
                fmt::format("no line of the log is of the model '{}' with its tokens", model));
  std::ranges::sort(came, {}, [](const auto& one) { return one.first; });
  for (auto& [at, request] : came) {
    request.at = milliseconds(at - came.front().first);
    out.requests.push_back(request);
  }
  return out;
}

Result<std::string> rehearse_drill(const catalog::Snapshot& snapshot, std::string_view model,
                                   const DrillOrder& order, milliseconds at, const RecordedLoad& load) {
  TRY(Scene scene, scene_of(snapshot, model, order, at, load));
  route::Rehearsal calm = scene.rehearsal;
  calm.faults.clear();
  return report_of(scene, order, at, load, route::rehearse(calm, load.requests),
                   route::rehearse(scene.rehearsal, load.requests));
}

}  // namespace hanse::gateway
