// The catalogue: what is known of vendors and their models, as data. catalog/providers/*.toml and
// catalog/models/*.toml are built into the program; a folder given at run time adds rows or replaces them. A
// new vendor that speaks a known dialect is one row and no code.
//
//   TRY(Catalog rows, Catalog::load(folder));       // all that is wrong with the rows in one error
//   const ProviderRow* row = rows.find("openai");
#pragma once

#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/error.h"
#include "catalog/door.h"
#include "catalog/model_row.h"
#include "catalog/option.h"

namespace hanse::catalog {

struct ProviderRow {
  std::string name;  // the file's name without .toml
  std::string cloud;
  std::string title, dialect, url, path, stream_path, models_path, auth = "bearer", key_env, token,
                                                                   token_scope, note;
  std::string api_version;
  std::vector<std::pair<std::string, std::string>> also, urls;
  bool key_optional = false;
  bool official = false;
  bool prefill = false;
  size_t output_tokens_max = 4096;
  std::vector<std::pair<std::string, std::string>> headers;

  // The service that requests are signed for (SigV4); empty: they aren't.
  std::string_view signed_service() const;
  // Its languages, the row's own first.
  std::vector<Door> doors() const;

  template <class V>
  void describe(V& v) {
    v.text("title", title, "The vendor's or server's own name");
    v.word("dialect", dialect, dialect_names(), "The language it speaks");
    v.text("cloud", cloud,
           "Whose cloud it stands in, where several kinds stand in one: it is lost as a whole");
    v.text("url", url,
           "Base URL; empty: the config must give one. {resource}, {region}, {project}, {location} and "
           "{api_version} "
           "here and "
           "in the paths are options of the provider's table");
    v.table("urls", urls, "Base URLs of the locations that have one of their own, such as global");
    v.text("path", path,
           "Of chat requests, behind the base URL, {model} where it names the model; default: the dialect's "
           "own");
    v.text("stream_path", stream_path, "Of those whose answer is a stream, where that is another one");
    v.table("also", also,
            "Other dialects that it speaks, and their paths (empty: the dialect's own); a client's own is "
            "preferred");
    v.text("api_version", api_version, "For {api_version}, unless the config says another one");
    v.text("models_path", models_path, "Of the list of models, behind the base URL; empty: it has none");
    v.text(
        "auth", auth,
        "Where the key goes: bearer, none, or header:NAME. sigv4:SERVICE: a key is a bearer, and without one "
        "requests are signed with AWS credentials for that service");
    v.text("key_env", key_env, "The usual variable of its key");
    v.word("token", token, {"", "google", "entra"},
           "Whose token is fetched where no key is set, and goes as a bearer; empty: none is");
    v.text("token_scope", token_scope, "What the token is for, as Entra wants it named");
    v.flag("key_optional", key_optional, "Answers without a key too, as local servers do");
    v.flag("official", official, "The dialect's own vendor: its newest field names are used");
    v.flag("prefill", prefill, "Its models go on with an unfinished turn of their own that stands last");
    v.count("output_tokens_max", output_tokens_max, {1, 10'000'000},
            "Sent as the limit of an answer where the dialect demands one and the client gave none");
    v.table("headers", headers, "Headers sent with each request unless the client sends its own");
    v.text("note", note, "What one should know");
  }
};

class Catalog {
 public:
  // The built-in rows, and those of `folder` (may be empty).
  static Result<Catalog> load(const std::string& folder = {});
  const ProviderRow* find(std::string_view name) const;
  const std::map<std::string, ProviderRow, std::less<>>& rows() const { return rows_; }
  std::vector<std::string_view> names() const;
  std::shared_ptr<const ModelRows> models() const { return models_; }

 private:
  std::map<std::string, ProviderRow, std::less<>> rows_;
  std::shared_ptr<const ModelRows> models_;
};

std::string providers_reference_markdown();

}  // namespace hanse::catalog
