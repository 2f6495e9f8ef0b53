// hanse: one program between AI clients and AI clouds. Everything is built here by hand: no registries, no
// plugins.
#include <iostream>

#include "cli/runtime.h"
#include "cli/verbs.h"

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
      {"serve", add_serve(app)}, {"check", add_check(app)},     {"sim", add_sim(app)},
      {"docs", add_docs(app)},   {"version", add_version(app)},
  };
  CLI11_PARSE(app, argc, argv);
  for (const Verb& verb : verbs)
    if (app.got_subcommand(verb.name)) return verb.run();
  return 2;
}
