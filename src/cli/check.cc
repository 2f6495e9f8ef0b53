#include <cstdio>

#include "cli/config_options.h"
#include "cli/verbs.h"

namespace hanse::cli {

Run add_check(CLI::App& app) {
  auto* verb = app.add_subcommand(
      "check", "Validate a config; say what it would serve, from where, with which credentials");
  auto options = std::make_shared<ConfigOptions>();
  options->add_to(*verb);
  return [options] {
    auto config = options->load();
    if (!config) return complain(config.error());
    std::fputs(catalog::describe_config(*config).c_str(), stdout);
    return 0;
  };
}

}  // namespace hanse::cli
