#include <cstdio>

#include <fmt/format.h>

#include "base/json.h"
#include "base/url.h"
#include "cli/config_options.h"
#include "cli/running.h"
#include "cli/verbs.h"

namespace hanse::cli {
namespace {

std::string shown(json::Value root) {
  std::string out = fmt::format("{:<48} {:<9} {:>9} {:>7} {:>12}  {}\n", "offer", "state", "attempts",
                                "failed", "under way", "why");
  for (json::Value offer : root["offers"]) {
    auto number = [&](std::string_view name) { return offer[name].integer().value_or(0); };
    std::string why = offer["cause"].string();
    if (!why.empty()) why += fmt::format(", asked again in {} ms", number("asked_again_in_ms"));
    out += fmt::format("{:<48} {:<9} {:>9} {:>7} {:>6} tokens  {}\n", offer["offer"].string(),
                       offer["state"].string(), number("attempts"), number("failed"),
                       number("outstanding_tokens"), why);
  }
  return out;
}

int print_status(const std::string& where, bool as_json) {
  auto url = parse_url(where);
  if (!url) return complain(url.error());
  auto body = ask_running(*url, {.path = "/status"});
  if (!body) {
    std::fprintf(stderr, "hanse: no status from %s: %s\n", where.c_str(), body.error().message.c_str());
    return 1;
  }
  if (as_json) {
    std::printf("%s\n", body->c_str());
    return 0;
  }
  json::Document document;
  auto root = document.parse(*body, 16);
  if (!root) return complain(root.error());
  std::fputs(shown(*root).c_str(), stdout);
  return 0;
}

}  // namespace

Run add_status(CLI::App& app) {
  auto* verb = app.add_subcommand("status", "How each offer of a running Hanse does, and why one is left");
  auto where = std::make_shared<std::string>("http://127.0.0.1:8080");
  auto as_json = std::make_shared<bool>(false);
  verb->add_option("--url", *where, "Where it listens")->capture_default_str();
  verb->add_flag("--json", *as_json, "As it came");
  return [where, as_json] { return print_status(*where, *as_json); };
}

}  // namespace hanse::cli
