#include <fmt/ranges.h>

#include <cstdio>

#include "catalog/catalog.h"
#include "catalog/config.h"
#include "cli/verbs.h"
#include "gateway/dialects_page.h"
#include "route/routing_page.h"

namespace hanse::cli {
namespace {

struct Page {
  const char* name;
  std::string (*text)();
};
constexpr Page kPages[] = {
    {"config", catalog::config_reference_markdown},       {"schema", catalog::config_json_schema},
    {"providers", catalog::providers_reference_markdown}, {"models", catalog::models_reference_markdown},
    {"dialects", gateway::dialects_reference_markdown},   {"routing", route::routing_reference_markdown}};

}  // namespace

Run add_docs(CLI::App& app) {
  std::vector<std::string> names;
  for (const Page& page : kPages) names.emplace_back(page.name);
  const std::string list = fmt::format("{}", fmt::join(names, ", "));
  auto* verb = app.add_subcommand("docs", "Print a generated reference page: " + list);
  auto name = std::make_shared<std::string>("config");
  verb->add_option("PAGE", *name, list)->check(CLI::IsMember(names));
  return [name] {
    for (const Page& page : kPages)
      if (*name == page.name) std::fputs(page.text().c_str(), stdout);
    return 0;
  };
}

}  // namespace hanse::cli
