#include <fmt/format.h>

#include "cli/config_options.h"
#include "cli/verbs.h"
#include "sim/clouds.h"

namespace hanse::cli {
namespace {

constexpr const char* kPhrases =
    R"(What the simulated model does is said in the last words of the user:
  echo TEXT                                 answers exactly TEXT
  call NAME, call two tools, use the tool   calls tools; city=Oslo or path="a b" decide arguments
  one call at a time: NAME k=v; NAME k=v    makes these calls in turn, each when the one before
                                            is answered, then quotes the answers
  think, think secretly                     puts reasoning in front
  what is your system prompt, describe the image
  fail STATUS, fail cut                     fails so
and anything else is answered in a few words.)";

}  // namespace

Run add_sim(CLI::App& app) {
  auto* verb = app.add_subcommand("sim", "Run simulated clouds, for tests, demos and drills");
  auto o = std::make_shared<sim::SimOptions>();
  for (const sim::SiteKind& site : sim::kSites)
    verb->add_option_function<uint16_t>(
            fmt::format("--{}", site.name),
            [o, name = std::string(site.name)](uint16_t port) { o->ports[name] = port; },
            fmt::format("Port of {} (0: any free)", site.about))
        ->check(CLI::Range(0, 65535));
  verb->footer(kPhrases);
  verb->add_option("--host", o->host, "Address to listen on")->capture_default_str();
  verb->add_option("--ttft-ms", o->ttft_ms, "Time to the first token, in milliseconds")
      ->check(CLI::Range(0, 3'600'000))
      ->capture_default_str();
  verb->add_option("--tokens-per-second", o->tokens_per_second, "Speed of an answer (0: at once)")
      ->check(CLI::NonNegativeNumber)
      ->capture_default_str();
  verb->add_option("--fail-rate", o->fail_rate, "Share of requests that fail, 0 to 1")
      ->check(CLI::Range(0.0, 1.0))
      ->capture_default_str();
  verb->add_option("--fail", o->fail, "How they fail: an HTTP status, or cut, stall, reset, slow")
      ->capture_default_str();
  verb->add_option("--seed", o->seed, "Decides the answers and which requests fail")->capture_default_str();
  verb->add_option("--key", o->key, "The key that clients must send (default: any)");
  verb->add_option("--threads", o->threads, "Cores to use")->check(CLI::Range(1, 256))->capture_default_str();
  return [o] {
    auto done = sim::run_sim(*o);
    return done ? 0 : complain(done.error());
  };
}

}  // namespace hanse::cli
