// Answers that are kept between requests, in the words of a language whose clients go on from them by name.
// Who keeps them, for how long and for whom, is the gateway's business (gateway/answer_store.h).
//
//   const Keeping* words = client->keeping();              // nullptr: its clients send the whole
//   conversation KeepingWish wish = words->wish(root); std::string whole = words->resume(body, root,
//   history);   // a request that names nothing any more
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "base/error.h"
#include "base/json.h"

namespace hanse {

struct KeepingWish {
  std::string continues;   // the id of the answer that it goes on from
  bool keep = false;       // its own answer is to be kept
  bool own_words = false;  // it holds what only Hanse can read, so that no provider may get it as it came
};

struct KeptAnswer {
  std::string id;
  std::string continues;      // the id of the answer before
  std::string input, output;  // items, with commas between them
  std::string body;           // the answer as it can be asked for

  size_t bytes() const { return id.size() + continues.size() + input.size() + output.size() + body.size(); }
};

class Keeping {
 public:
  virtual ~Keeping() = default;

  // -- requests
  virtual KeepingWish wish(json::Value root) const = 0;
  // What the request itself says, as items.
  virtual std::string input_items(json::Value root) const = 0;
  // The body with what was said before in front of its own input.
  virtual std::string resume(std::string_view body, json::Value root, std::string_view history) const = 0;
  // The request for a summary of a conversation, made of the request to compact it.
  virtual std::string compaction(json::Value root) const = 0;

  // -- answers
  // The answer in what is sent to a client: a whole body, or events of a stream. No id: it isn't there yet.
  // `continues`: what it went on from, which the provider doesn't know.
  virtual KeptAnswer read(std::string_view sent, bool stream, std::string_view continues) const = 0;
  virtual std::string encode_input(const KeptAnswer& answer, std::string_view query) const = 0;
  virtual std::string encode_forgotten(std::string_view id) const = 0;
  virtual Error unknown(std::string_view id) const = 0;           // when it is asked for
  virtual Error unknown_previous(std::string_view id) const = 0;  // when it is gone on from
};

}  // namespace hanse
