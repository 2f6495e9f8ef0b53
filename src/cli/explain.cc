#include <cstdio>
#include <cstdlib>
#include <fstream>

#include <fmt/format.h>

#include "base/json.h"
#include "base/url.h"
#include "cli/config_options.h"
#include "cli/running.h"
#include "cli/verbs.h"

namespace hanse::cli {
namespace {

struct Wanted {
  std::string model, file, path = "/v1/chat/completions", url = "http://127.0.0.1:8080";
  std::string key_env = "HANSE_KEY", priority;
  bool as_json = false;
};

std::string shown(json::Value root) {
  auto raw = [](json::Value value) { return value.raw().json; };
  std::string out =
      fmt::format("{}, policy {}, priority {}, about {} tokens of input\n", root["model"].string(),
                  root["policy"].string(), root["priority"].string(), raw(root["input_tokens"]));
  int place = 0;
  for (json::Value offer : root["offers"]) {
    out += fmt::format("{:>3}. {:<44}", ++place, offer["offer"].string());
    if (offer["expected_usd"].present()) out += fmt::format("  ${}", raw(offer["expected_usd"]));
    if (offer["first_token_ms"].present())
      out += fmt::format("  first token {} ms", raw(offer["first_token_ms"]));
    out += fmt::format("  {} under way", offer["under_way"].integer().value_or(0));
    if (offer["why"].present()) out += "  LEFT: " + offer["why"].string();
    if (offer["for_ms"].present()) out += fmt::format(", for {} ms", raw(offer["for_ms"]));
    out += "\n";
  }
  for (json::Value offer : root["skipped"])
    out += fmt::format("  -  {:<44}  {}\n", offer["offer"].string(), offer["why"].string());
  return out;
}

Result<std::string> body_of(const Wanted& wanted) {
  if (!wanted.file.empty()) {
    std::ifstream file(wanted.file, std::ios::binary);
    if (!file) return fail(Code::bad_request, "--file: can't read " + wanted.file);
    return std::string{std::istreambuf_iterator<char>(file), {}};
  }
  std::string out;
  json::Writer w(out);
  w.object().key("model").string(wanted.model).key("messages").array();
  w.object().key("role").string("user").key("content").string("Hello").end_object().end_array().end_object();
  return out;
}

int run(const Wanted& wanted) {
  if (wanted.model.empty() == wanted.file.empty()) {
    std::fputs("hanse: wanted a model, or a request with --file\n", stderr);
    return 2;
  }
  auto url = parse_url(wanted.url);
  if (!url) return complain(url.error());
  auto body = body_of(wanted);
  if (!body) return complain(body.error());
  Question question{.method = "POST", .path = wanted.path, .body = std::move(*body)};
  question.headers = "x-hanse-explain: only\r\n";
  if (!wanted.priority.empty()) question.headers += "x-hanse-priority: " + wanted.priority + "\r\n";
  if (const char* key = std::getenv(wanted.key_env.c_str())) question.key = Secret(key);
  auto told = ask_running(*url, question);
  if (!told) {
    fmt::print(stderr, "hanse: not explained by {}: {}\n", wanted.url, told.error().message);
    return 1;
  }
  json::Document document;
  auto root = document.parse(*told, 16);
  if (!root) return complain(root.error());
  std::fputs(wanted.as_json ? (*told + "\n").c_str() : shown(*root).c_str(), stdout);
  return 0;
}

}  // namespace

Run add_explain(CLI::App& app) {
  auto* verb =
      app.add_subcommand("explain", "Whom a running Hanse would ask for a request now, and why not others");
  auto wanted = std::make_shared<Wanted>();
  verb->add_option("MODEL", wanted->model, "As clients ask for it");
  verb->add_option("--file", wanted->file,
                   "A request instead, as JSON: what it needs and how long it is counts");
  verb->add_option("--path", wanted->path, "Whose language it is in, by the path that takes it")
      ->capture_default_str();
  verb->add_option("--priority", wanted->priority, "low, normal or high")
      ->check(CLI::IsMember({"low", "normal", "high"}));
  verb->add_option("--url", wanted->url, "Where it listens")->capture_default_str();
  verb->add_option("--key-env", wanted->key_env, "Variable with a client's key")->capture_default_str();
  verb->add_flag("--json", wanted->as_json, "As it came");
  return [wanted] { return run(*wanted); };
}

}  // namespace hanse::cli
