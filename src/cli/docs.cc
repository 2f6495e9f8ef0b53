#include <cstdio>
#include <map>

#include "catalog/catalog.h"
#include "catalog/config.h"
#include "cli/verbs.h"

namespace hanse::cli {

Run add_docs(CLI::App& app) {
  auto* verb = app.add_subcommand("docs", "Print a generated reference page: config, schema, providers or models");
  auto page = std::make_shared<std::string>("config");
  verb->add_option("PAGE", *page, "config, schema, providers or models")
      ->check(CLI::IsMember({"config", "schema", "providers", "models"}));
  return [page] {
    std::string text = *page == "config"      ? catalog::config_reference_markdown()
                       : *page == "schema"    ? catalog::config_json_schema()
                       : *page == "providers" ? catalog::providers_reference_markdown()
                                              : catalog::models_reference_markdown();
    std::fputs(text.c_str(), stdout);
    return 0;
  };
}

}  // namespace hanse::cli
