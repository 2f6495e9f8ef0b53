#include <cstdio>

#include "cli/config_options.h"
#include "cli/verbs.h"

namespace hanse::cli {

Run add_models(CLI::App& app) {
  auto* verb = app.add_subcommand(
      "models",
      "What is known of models: what they can do, which clouds sell them, under which names, at what price");
  auto options = std::make_shared<ConfigOptions>();
  auto name = std::make_shared<std::string>();
  verb->add_option("MODEL", *name, "One of them, by any of its names: all that is known of it");
  options->add_to(*verb);
  return [options, name] {
    auto config = options->load();
    if (!config) return complain(config.error());
    if (name->empty()) {
      std::fputs(catalog::describe_models(*config).c_str(), stdout);
      return 0;
    }
    auto text = catalog::describe_model(*name, *config);
    if (!text) return complain(text.error());
    std::fputs(text->c_str(), stdout);
    return 0;
  };
}

}  // namespace hanse::cli
