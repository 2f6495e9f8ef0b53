// How one vendor's cloud behaves around the model: paths, keys, what it refuses and in which words, headers,
// lists of models. Written from recordings and specs, apart from the dialects that the gateway itself uses,
// so that the two don't share their mistakes. Immutable, shared by all threads.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/json.h"
#include "base/random.h"
#include "net/http/head.h"

namespace hanse::sim {

// An error as the vendor words it. `param` and `code` are OpenAI's.
struct CloudError {
  int status = 400;
  std::string type;
  std::string message;
  std::string param;
  std::string code;
};
using Check = std::optional<CloudError>;  // nothing: it's fine

using HeaderList = std::vector<std::pair<std::string, std::string>>;

// What a path asks for; where it names the model the body doesn't.
struct PathAsk {
  enum class What : unsigned char { nothing, chat, count, models, model };
  What what = What::nothing;
  std::string_view model;  // percent-encoded
  bool streams = false;
};

class Vendor {
 public:
  virtual ~Vendor() = default;
  // By default the body names the model.
  virtual PathAsk read_path(std::string_view path) const;
  virtual std::string_view dialect() const = 0;  // its name in the list of dialects
  virtual std::string_view chat_path() const = 0;
  virtual std::string_view count_path() const { return {}; }     // answers with the tokens of a request
  virtual std::span<const std::string_view> models() const = 0;  // those that are listed; all sim-... answer

  // `key` is what clients must send; empty: anything goes.
  virtual Check check_key(const http::RequestHead& head, std::string_view key) const = 0;
  // The same for clouds whose clients may sign, which covers the body.
  virtual Check check_proof(const http::RequestHead& head, std::string_view, std::string_view key) const {
    return check_key(head, key);
  }
  virtual Check check_head(const http::RequestHead&) const { return {}; }
  // counting: only the tokens are asked for.
  virtual Check check_request(json::Value root, bool counting) const = 0;
  virtual CloudError not_json(std::string_view why) const = 0;
  virtual CloudError no_model(std::string_view name) const = 0;
  virtual CloudError no_path(std::string_view method, std::string_view path) const = 0;
  virtual CloudError no_method(std::string_view method, std::string_view path) const = 0;
  // What it says with that status when it is asked to fail.
  virtual CloudError error_of(int status) const = 0;

  virtual std::string request_id(Random& random) const = 0;
  virtual std::string error_body(const CloudError& error, std::string_view request_id) const = 0;
  virtual HeaderList error_headers(const CloudError&) const { return {}; }
  // What a stream that breaks off with an error ends with.
  virtual std::string stream_error(std::string_view request_id) const = 0;
  virtual std::string model_list() const = 0;
  virtual std::string model_body(std::string_view name) const = 0;
  virtual std::string count_body(int64_t) const { return {}; }
  // Request id, organisation, rate limits.
  virtual HeaderList headers(std::string_view request_id, int status) const = 0;

  virtual bool signs_reasoning() const = 0;
  virtual std::string_view proof_prefix() const { return {}; }  // of what it signs, in the canonical form
  virtual bool counts_cache_writes() const = 0;
  virtual std::string_view answer_prefix() const = 0;
  virtual std::string_view call_prefix() const = 0;
  // Comes between the first event of a stream and the second.
  virtual std::string_view after_first_event() const { return {}; }
};

const Vendor& openai();
const Vendor& bedrock();
const Vendor& openai_responses();
const Vendor& anthropic();
const Vendor& google();
const Vendor& cohere();

// Does the rule's name look like ^[a-zA-Z0-9_-]{1,size_max}$?
bool is_plain_name(std::string_view name, size_t size_max);

}  // namespace hanse::sim
