#include <atomic>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <thread>

#include <fmt/format.h>

#include "base/json.h"
#include "cli/config_options.h"
#include "cli/running.h"
#include "cli/verbs.h"

namespace hanse::cli {
namespace {

struct Wanted {
  std::vector<std::string> lose;
  std::string length, how = "refuse", url = "http://127.0.0.1:8080", key_env = "HANSE_ADMIN_KEY";
  double share = 100, slo = 99.9;
  bool as_json = false;
};

// "90s", "2m", "1h", "500ms".
Result<milliseconds> length_of(std::string_view text) {
  const size_t digits = std::min(text.find_first_not_of("0123456789"), text.size());
  const std::string_view unit = text.substr(digits);
  const int64_t factor = unit == "ms"  ? 1
                         : unit == "s" ? 1'000
                         : unit == "m" ? 60'000
                         : unit == "h" ? 3'600'000
                                       : 0;
  if (digits == 0 || digits > 9 || factor == 0)
    return fail(Code::bad_request, fmt::format("--for: wanted a time such as 90s or 2m, not '{}'", text));
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
  return out;
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
  return [wanted] { return run_drill(*wanted); };
}

}  // namespace hanse::cli
