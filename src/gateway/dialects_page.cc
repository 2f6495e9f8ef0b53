#include "gateway/dialects_page.h"

#include "catalog/catalog.h"
#include "dialect/dialect.h"
#include "gateway/routes.h"

namespace hanse::gateway {
namespace {

constexpr std::string_view kIntro = R"(# Dialects

Generated from the code by `./dev docs`; don't edit. The clouds that speak them are on the page
[providers](providers.md).

A client may use any of these paths, whoever answers; `{{model}}` takes everything up to what follows it, `{{}}` one
segment, and queries don't count. All are also served below these prefixes, which settle whose path it is where two
dialects share one; else a header shows that, or the first dialect on this page has it:

{}
The client's key is read, in every dialect, from `Authorization: Bearer KEY`, `x-api-key`, `api-key`,
`x-goog-api-key` or `?key=KEY`; or from an AWS signature (SigV4) of the request.
)";

std::string_view what(Operation operation) {
  switch (operation) {
    case Operation::chat:
      return "chat";
    case Operation::embeddings:
      return "embeddings";
    case Operation::completions:
      return "completions";
    case Operation::count_tokens:
      return "tokens are counted";
    case Operation::compact:
      return "a conversation is compacted";
    case Operation::models:
      return "list of models";
    case Operation::model:
      return "one model";
    case Operation::profiles:
      return "models as inference profiles";
    case Operation::kept:
      return "an answer of before";
    case Operation::kept_input:
      return "what had been asked for it";
  }
  return "";
}

std::string_view method(Operation operation) {
  if (operation < Operation::models) return "POST";
  return operation == Operation::kept ? "GET, DELETE" : "GET";
}

std::string_view streams(const ClientPath& path) {
  if (path.operation != Operation::chat) return "";
  if (path.streams == ClientPath::Streams::in_body) return "when the body says so";
  return path.streams == ClientPath::Streams::always ? "always" : "never";
}

std::string doors_of(const catalog::Catalog& rows, std::string_view dialect) {
  std::string out = "| kind | path behind the base URL | for streams |\n| --- | --- | --- |\n";
  bool any = false;
  for (const auto& [name, row] : rows.rows())
    for (const catalog::Door& door : row.doors()) {
      if (door.dialect != dialect) continue;
      any = true;
      std::string other = door.stream_path.empty() ? "the same" : fmt::format("`{}`", door.stream_path);
      out += fmt::format("| `{}` | `{}` | {} |\n", name, door.path, other);
    }
  return any ? out : "No row of the catalogue speaks it; one of yours may.\n";
}

std::string section(const Dialect& dialect, const catalog::Catalog& rows) {
  std::string out = fmt::format("\n## {}\n\n", dialect.name());
  out += "| path | method | what | streams |\n| --- | --- | --- | --- |\n";
  for (const ClientPath& path : dialect.paths())
    out += fmt::format("| `{}` | {} | {} | {} |\n", path.pattern, method(path.operation),
                       what(path.operation), streams(path));
  if (!dialect.sign_header().empty())
    out += fmt::format("\nKnown by the header `{}`.", dialect.sign_header());
  out += fmt::format("\nStreams are `{}`", dialect.client_frame("").content_type);
  if (std::string_view other = dialect.client_frame("alt=sse").content_type;
      other != dialect.client_frame("").content_type)
    out += fmt::format(", with `?alt=sse` `{}`", other);
  out += fmt::format(". The request's id is in the header `{}`.\n", dialect.request_id_header());
  const Error error{Code::bad_request, "temperature: wanted a number, got a string"};
  out += fmt::format("\nAn error, here with status {}:\n\n```json\n{}\n```\n", dialect.client_status(error),
                     dialect.encode_error(error, "req_1"));
  for (const auto& [name, value] : dialect.error_headers(error))
    out += fmt::format("\nand the header `{}: {}`.\n", name, value);
  return out + "\nProviders:\n\n" + doors_of(rows, dialect.name());
}

}  // namespace

std::string dialects_reference_markdown() {
  std::string below;
  for (const Prefix& prefix : prefixes()) below += fmt::format("- `{}`: {}\n", prefix.path, prefix.dialect);
  std::string out = fmt::format(kIntro, below);
  auto rows = catalog::Catalog::load();
  if (!rows) return out;
  for (const Dialect* dialect : all_dialects()) out += section(*dialect, *rows);
  return out;
}

}  // namespace hanse::gateway
