// Short-lived credentials that are fetched: what to ask, how to read the answer, and when the grant ends.
// Pure: time and files are passed in, and somebody else sends the requests (gateway/credential.h).
//
//   auto granter = make_granter(credential);                     // one a fetch
//   TRY(Step step, granter->begin(outside));
//   while (auto* request = std::get_if<WebRequest>(&step))
//     TRY(step, granter->go_on(send(*request), outside));
//   Grant grant = std::get<Grant>(step);
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "base/json.h"
#include "catalog/aws_keys.h"
#include "catalog/credential.h"

namespace hanse::cloud {

struct WebRequest {
  std::string method = "POST";
  Url url;             // its path is the beginning of the target
  std::string target;  // the rest of it: path and query
  std::vector<std::pair<std::string, Secret>> headers;
  std::string content_type;  // empty: no body
  Secret body;
};

struct WebAnswer {
  int status = 0;
  std::string_view body;
};

struct Grant {
  Secret token;              // goes as a bearer
  std::string user_project;  // whose quota Google is to count
  catalog::AwsKeys aws;      // or signs
  int64_t life_s = 0;        // from when it was read
};

// What a granter may look at.
struct Outside {
  int64_t now_unix = 0;
  std::string nonce;  // never the same twice
  std::function<Result<std::string>(const std::string& path)> read_file;
};

using Step = std::variant<WebRequest, Grant>;

class Granter {
 public:
  virtual ~Granter() = default;
  virtual Result<Step> begin(const Outside& outside) = 0;
  virtual Result<Step> go_on(const WebAnswer& answer, const Outside& outside) = 0;
};

// The credential must outlive it.
std::unique_ptr<Granter> make_granter(const catalog::Credential& credential);

// ---- what granters share

// A form as application/x-www-form-urlencoded has it; empty values are left out.
using Form = std::vector<std::pair<std::string_view, std::string_view>>;
std::string form_text(const Form& form);
WebRequest post_form(const Url& url, const Form& form);

// The answer {"access_token", "expires_in"} of OAuth's servers; Azure's machines say "expires_on". Errors
// name what the server said, cut short.
Result<Grant> read_token(const WebAnswer& answer, const Outside& outside);
// The JSON of a good answer; of a bad one the error. Valid until the document is used again.
Result<json::Value> read_answer(const WebAnswer& answer, json::Document& document);
// A grant of `token` that ends in so many seconds.
Result<Grant> bearer(std::string token, int64_t life_s);

// The text of a file that holds a token, without the blanks around it. Errors name the file.
Result<Secret> token_of_file(const std::string& path, const Outside& outside);

// google.cc, entra.cc, aws.cc: nullptr for what another cloud takes.
std::unique_ptr<Granter> make_google_granter(const catalog::Credential& credential);
std::unique_ptr<Granter> make_entra_granter(const catalog::Credential& credential);
std::unique_ptr<Granter> make_aws_granter(const catalog::Credential& credential);

}  // namespace hanse::cloud
