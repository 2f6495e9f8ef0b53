// hanse: one program between AI clients and AI clouds. Everything is built here by hand: no registries, no
// plugins.
#include <algorithm>
#include <cstdio>
#include <string_view>
#include <vector>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/bytes.h"
#include "cli/runtime.h"
#include "cli/verbs.h"

namespace {

int complain_of(std::string_view asked, const std::vector<std::string_view>& verbs) {
  std::string_view near = hanse::nearest(asked, verbs);
  std::string hint = near.empty() ? fmt::format("the verbs are {}", fmt::join(verbs, ", "))
                                  : fmt::format("did you mean '{}'?", near);
  fmt::print(stderr, "hanse: no verb '{}'; {}\n", asked, hint);
  return 2;
}

}  // namespace

int main(int argc, char** argv) {
  using namespace hanse::cli;
  prepare_process();
  CLI::App app(
      "Hanse lets any AI client talk to any AI cloud.\n"
      "Start with `hanse serve`: with no config it takes the providers whose keys are in the environment, "
      "and with none\n"
      "it serves two simulated clouds to try.",
      "hanse");
  app.require_subcommand(1);
  app.get_formatter()->column_width(34);
  struct Verb {
    const char* name;
    Run run;
  };
  const Verb verbs[] = {
      {"serve", add_serve(app)},   {"check", add_check(app)}, {"models", add_models(app)},
      {"sim", add_sim(app)},       {"docs", add_docs(app)},   {"version", add_version(app)},
      {"status", add_status(app)}, {"drill", add_drill(app)}, {"explain", add_explain(app)},
  };
  // What is no verb is named by name; CLI11 would only say that one is missing.
  if (std::string_view asked = argc > 1 ? argv[1] : ""; !asked.empty() && !asked.starts_with('-')) {
    std::vector<std::string_view> names;
    for (const Verb& verb : verbs) names.emplace_back(verb.name);
    if (std::ranges::find(names, asked) == names.end()) return complain_of(asked, names);
  }
  CLI11_PARSE(app, argc, argv);
  for (const Verb& verb : verbs)
    if (app.got_subcommand(verb.name)) return verb.run();
  return 2;
}
