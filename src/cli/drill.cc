#include <atomic>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <thread>

#include <fmt/format.h>

#include "base/json.h"
#include "cli/config_options.h"
#include "cli/running.h"
#include "cli/verbs.h"
#include "gateway/drill_rehearsal.h"

namespace hanse::cli {
namespace {

struct Wanted {
  std::vector<std::string> lose;
  std::string length, how = "refuse", url = "http://127.0.0.1:8080", key_env = "HANSE_ADMIN_KEY";
  double share = 100, slo = 99.9;
  bool as_json = false;
  // Of a rehearsal.
  bool simulate = false;
  ConfigOptions config;
  std::string model, load_file, span = "1h", at;
  double per_second = 5;
};

// "90s", "2m", "1h", "500ms".
Result<milliseconds> length_of(std::string_view text, std::string_view option = "--for") {
  const size_t digits = std::min(text.find_first_not_of("0123456789"), text.size());
  const std::string_view unit = text.substr(digits);
  const int64_t factor = unit == "ms"  ? 1
                         : unit == "s" ? 1'000
                         : unit == "m" ? 60'000
                         : unit == "h" ? 3'600'000
                                       : 0;
  if (digits == 0 || digits > 9 || factor == 0)
    return fail(Code::bad_request,
                fmt::format("{}: wanted a time such as 90s or 2m, not '{}'", option, text));
  return milliseconds(std::strtoll(std::string(text.substr(0, digits)).c_str(), nullptr, 10) * factor);
}

std::string order_of(const Wanted& wanted, milliseconds length) {
  std::string out;
  json::Writer w(out);
  w.object().key("lose").array();
  for (const std::string& name : wanted.lose) w.string(name);
  w.end_array().key("for_ms").number(length.count()).key("how").string(wanted.how);
  w.key("share").raw(fmt::format("{}", wanted.share / 100)).key("slo").raw(fmt::format("{}", wanted.slo));
  w.end_object();
  return out;
}

std::string shown(json::Value root) {
  auto number = [&](std::string_view name) { return root[name].integer().value_or(0); };
  auto raw = [](json::Value value) { return value.raw().json; };
  const json::Value first = root["first_token_ms"];
  std::string out = fmt::format("{} requests in {:.1f} s, {} failed: {} % answered, of {} % wanted: {}\n",
                                number("requests"), static_cast<double>(number("took_ms")) / 1000,
                                number("failed"), raw(root["answered_percent"]), raw(root["slo_percent"]),
                                root["slo_kept"].boolean().value_or(false) ? "kept" : "NOT KEPT");
  out += fmt::format("{} attempts hit; {} streams broke off and were carried on, {} to their end\n",
                     number("attempts_hit"), number("carried_on"), number("carried_on_whole"));
  out += fmt::format("first token within (p50, p99): {} and {} ms; before the drill {} and {} ms\n",
                     raw(first["within"]["p50"]), raw(first["within"]["p99"]), raw(first["before"]["p50"]),
                     raw(first["before"]["p99"]));
  out += fmt::format("cost ${}", raw(root["cost_usd"]));
  if (root["added_cost_usd"].present())
    out += fmt::format(", ${} more than before", raw(root["added_cost_usd"]));
  if (const json::Value room = root["least_headroom"]; room.present())
    out += fmt::format("; least headroom {} % at {}", raw(room["percent"]), room["offer"].string());
  return out + "\n";
}

// While the drill lasts; Ctrl-C ends it there, and then here. The signals are blocked in every thread
// (prepare_process), so they are waited for.
Result<std::string> hold(const Url& url, const Question& question) {
  std::atomic<bool> done{false};
  std::thread watch([&] {
    sigset_t signals;
    sigemptyset(&signals);
    for (int signal : {SIGINT, SIGTERM}) sigaddset(&signals, signal);
    constexpr timespec kLook{0, 50'000'000};
    while (!done)
      if (sigtimedwait(&signals, nullptr, &kLook) > 0)
        (void)ask_running(url, {.method = "DELETE", .path = "/drill", .body = {}, .key = question.key});
  });
  auto answer = ask_running(url, question);
  done = true;
  watch.join();
  return answer;
}

// ---- rehearsed

std::string shown_rehearsal(json::Value root) {
  auto number = [&](std::string_view name) { return root[name].integer().value_or(0); };
  auto raw = [](json::Value value) { return value.raw().json; };
  const json::Value first = root["first_token_ms"];
  std::string out = fmt::format(
      "{} requests in {:.0f} s, rehearsed, {} of them within the drill; {} failed, {} had no room: {} % "
      "answered, of "
      "{} % wanted: {}\n",
      number("requests"), static_cast<double>(number("rehearsed_ms")) / 1000, number("within"),
      number("failed"), number("shed"), raw(root["answered_percent"]), raw(root["slo_percent"]),
      root["slo_kept"].boolean().value_or(false) ? "kept" : "NOT KEPT");
  out += fmt::format("{} streams broke off and were carried on to their end\n", number("carried_on_whole"));
  out += fmt::format("first token within (p50, p99): {} and {} ms; without the drill {} and {} ms\n",
                     raw(first["within"]["p50"]), raw(first["within"]["p99"]), raw(first["without"]["p50"]),
                     raw(first["without"]["p99"]));
  if (root["cost_usd"].present())
    out += fmt::format("cost ${}, of that ${} for the drill\n", raw(root["cost_usd"]),
                       raw(root["added_cost_usd"]));
  for (json::Value offer : root["offers"]) {
    out += fmt::format("  {:<40} {:>8} answers (without: {}), at most {} at once{}", offer["offer"].string(),
                       raw(offer["answers"]), raw(offer["answers_without"]), raw(offer["most_at_once"]),
                       offer["lost"].boolean().value_or(false) ? ", lost" : "");
    if (offer["headroom"].present()) out += fmt::format(", {} places left", raw(offer["headroom"]));
    out += "\n";
  }
  return out;
}

Result<gateway::RecordedLoad> load_of(const Wanted& wanted, const std::string& model) {
  if (!wanted.load_file.empty()) {
    std::ifstream file(wanted.load_file, std::ios::binary);
    if (!file) return fail(Code::bad_request, "--load: can't read " + wanted.load_file);
    const std::string text{std::istreambuf_iterator<char>(file), {}};
    return gateway::recorded_load(text, model);
  }
  TRY(milliseconds span, length_of(wanted.span, "--span"));
  constexpr double kRequestsMax = 20e6;
  if (wanted.per_second * static_cast<double>(span.count()) / 1000 > kRequestsMax)
    return fail(Code::bad_request, "--rate and --span: more than 20 million requests");
  gateway::RecordedLoad out;
  out.requests = route::played_load(span, wanted.per_second, 1);
  if (out.requests.empty()) return fail(Code::bad_request, "--rate and --span: not one request");
  return out;
}

Result<std::string> rehearsed(const Wanted& wanted, milliseconds length) {
  TRY(catalog::Config config, wanted.config.load());
  const auto snapshot = catalog::Snapshot::build(config);
  if (wanted.model.empty() && config.models.empty())
    return fail(Code::bad_request, "--model: the config has no [model]; name one of a provider");
  const std::string model = wanted.model.empty() ? config.models.front().name : wanted.model;
  TRY(auto order, gateway::read_drill_order(order_of(wanted, length), snapshot->providers, Time()));
  TRY(gateway::RecordedLoad load, load_of(wanted, model));
  milliseconds at = load.requests.back().at / 3;
  if (!wanted.at.empty()) {
    TRY(at, length_of(wanted.at, "--at"));
  }
  return gateway::rehearse_drill(*snapshot, model, *order, at, load);
}

int run_rehearsal(const Wanted& wanted) {
  auto length = length_of(wanted.length);
  if (!length) return complain(length.error());
  auto report = rehearsed(wanted, *length);
  if (!report) return complain(report.error());
  json::Document document;
  auto root = document.parse(*report, 16);
  if (!root) return complain(root.error());
  std::fputs(wanted.as_json ? (*report + "\n").c_str() : shown_rehearsal(*root).c_str(), stdout);
  return (*root)["slo_kept"].boolean().value_or(false) ? 0 : 3;
}

int run_drill(const Wanted& wanted) {
  auto url = parse_url(wanted.url);
  if (!url) return complain(url.error());
  auto length = length_of(wanted.length);
  if (!length) return complain(length.error());
  const char* key = std::getenv(wanted.key_env.c_str());
  if (!key) {
    fmt::print(stderr, "hanse: {} is not set: it holds the key of a client with 'admin = true'\n",
               wanted.key_env);
    return 1;
  }
  const Question question{.method = "POST",
                          .path = "/drill",
                          .body = order_of(wanted, *length),
                          .key = Secret(key),
                          .patience = *length + milliseconds(30'000)};
  fmt::print(stderr, "hanse: the drill lasts {}; Ctrl-C ends it\n", wanted.length);
  auto report = hold(*url, question);
  if (!report) {
    fmt::print(stderr, "hanse: no drill at {}: {}\n", wanted.url, report.error().message);
    return 1;
  }
  json::Document document;
  auto root = document.parse(*report, 16);
  if (!root) return complain(root.error());
  std::fputs(wanted.as_json ? (*report + "\n").c_str() : shown(*root).c_str(), stdout);
  return (*root)["slo_kept"].boolean().value_or(false) ? 0 : 3;
}

}  // namespace

Run add_drill(CLI::App& app) {
  auto* verb = app.add_subcommand("drill", "Lose clouds of a running Hanse on purpose, for a while, and see");
  auto wanted = std::make_shared<Wanted>();
  verb->add_option("--lose", wanted->lose,
                   "Providers, by their name, kind or region, or whole clouds (aws, google, azure)")
      ->required()
      ->delimiter(',');
  verb->add_option("--for", wanted->length, "How long, such as 90s or 2m; at most 1h")->required();
  verb->add_option("--how", wanted->how, "refuse, throttle, stall, slow or cut")->capture_default_str();
  verb->add_option("--share", wanted->share, "Percent of their attempts")->capture_default_str();
  verb->add_option("--slo", wanted->slo, "Percent of the requests that must be answered; else exit code 3")
      ->capture_default_str();
  verb->add_option("--url", wanted->url, "Where it listens")->capture_default_str();
  verb->add_option("--key-env", wanted->key_env, "Variable with the key of a client that has 'admin = true'")
      ->capture_default_str();
  verb->add_flag("--json", wanted->as_json, "The report as it came");
  auto* simulate = verb->add_flag("--simulate", wanted->simulate,
                                  "Rehearse it in virtual time, from a config; nothing has to run");
  wanted->config.add_to(*verb);
  verb->footer("");
  verb->add_option("--model", wanted->model, "Rehearsed: which; default: the config's first")
      ->needs(simulate);
  verb->add_option("--load", wanted->load_file, "Rehearsed: an access log to take the load from")
      ->needs(simulate);
  verb->add_option("--rate", wanted->per_second, "Rehearsed: else requests a second, at random")
      ->check(CLI::Range(0.001, 100'000.0))
      ->needs(simulate)
      ->capture_default_str();
  verb->add_option("--span", wanted->span, "Rehearsed: for so long, such as 24h")
      ->needs(simulate)
      ->capture_default_str();
  verb->add_option("--at", wanted->at, "Rehearsed: when the drill begins; default: after a third")
      ->needs(simulate);
  return [wanted] { return wanted->simulate ? run_rehearsal(*wanted) : run_drill(*wanted); };
}

}  // namespace hanse::cli
