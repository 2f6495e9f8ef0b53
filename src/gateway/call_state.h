// One request on its way through the gateway: what was asked, what was decided, what came of it. Filled step
// by step; read at the end by the access log and the metrics.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "canon/embedding.h"
#include "catalog/priority.h"
#include "gateway/answer_keeper.h"
#include "gateway/core.h"
#include "gateway/explanation.h"
#include "gateway/rescue.h"
#include "net/exchange.h"
#include "policy/identity.h"
#include "route/plan.h"

namespace hanse::gateway {

// An answer of a provider that refused, as it came: the client of the same dialect gets it byte for byte.
struct ProviderRefusal {
  const Dialect* dialect = nullptr;
  int status = 0;
  std::string body;
  std::string content_type;
  std::vector<std::pair<std::string, std::string>> headers;
};

struct CallState {
  CallState(net::Exchange& e, Core& c) : exchange(e), core(c), view(c.view) {}

  net::Exchange& exchange;
  Core& core;
  std::shared_ptr<const View> view;
  const Dialect* dialect = nullptr;  // the client's
  std::string request_id;
  Time started;
  Time total_deadline = kNever;

  const catalog::ClientKey* client = nullptr;  // nullptr: no keys are configured
  bool strict = false;
  catalog::Priority priority = catalog::Priority::normal;

  std::string_view body;         // of the client's request
  std::string model;             // as asked, plain
  std::string_view model_token;  // its place in `body`, with the quotes; empty when only the path names it
  std::string_view path_model;   // as the path names it, percent-encoded
  std::optional<bool> path_stream;
  std::string_view query;  // of the target
  // What is asked for instead of a chat: "embeddings", "completions", "count_tokens", a verb of Google's.
  std::string_view beside_chat;
  bool embeds = false;          // texts as vectors are wanted
  bool counts_tokens = false;   // then the answer may be an estimate
  bool compacts = false;        // a summary of the conversation is wanted
  std::string continues;        // the answer that it goes on from
  bool unknown_before = false;  // which is not kept here: a provider may know it
  std::string own_body;         // instead of the client's, with what had been said before
  bool rewritten = false;       // no provider may get the body as it came
  std::unique_ptr<AnswerKeeper> keeper;
  int64_t tokens_estimated = -1;  // of a request whose tokens are to be counted
  bool stream = false;
  bool stream_usage = false;
  std::vector<catalog::Offer> offers;                  // in the order of trying
  std::vector<route::Plan::Skipped> skipped;           // offers whose models can't do what is asked
  std::shared_ptr<canon::Request> request;             // decoded when a target of another dialect is tried
  std::unique_ptr<canon::EmbeddingRequest> embedding;  // instead of it, where `embeds`

  std::string_view allow;  // of a path that doesn't take the method

  bool others_left = false;               // offers that were not tried
  bool others_are_well = false;           // of those that were and said no
  bool second_round = false;              // none comes after this one
  Time content_deadline = kNever;         // of this attempt: then a stream must have said something
  std::unique_ptr<Told> told;             // of the stream that goes out, while others could carry it on
  std::unique_ptr<Rescue> rescue;         // the attempts carry on what was told
  std::unique_ptr<ReplyEncoder> encoder;  // of a translated answer

  // The outcome.
  int status = 0;
  std::optional<Code> error;
  std::string offer;                         // "provider/model" that answered, or was tried last
  const catalog::ModelAt* terms = nullptr;   // its prices; nullptr: not known
  observe::OfferSeries* series = nullptr;    // of that offer; stays valid as long as the core
  route::Standing* standing = nullptr;       // of that offer; nullptr: not watched
  route::Place place;                        // at that offer
  bool trial = false;                        // this attempt shows whether it is back
  std::shared_ptr<Explanation> explanation;  // nullptr: nobody asked for one; of all attempts of the request
  Time attempt_started = kNever;
  int64_t outstanding_before = 0;  // tokens that the offer was busy with then
  bool is_cut = false;             // by a drill: this attempt's answer breaks off
  Time last_read = kNever;         // of this attempt's stream
  Duration silence{};              // the longest between two of its reads, after its first content
  int attempts = 0;
  int rescues = 0;
  canon::Usage usage;
  Time first_content = kNever;
  ProviderRefusal refusal;  // the last one

  // Somebody who could carry on a stream that has begun: an offer that failed before may be well again.
  bool may_be_carried_on() const { return others_left || (told && exchange.started() && !second_round); }
};

policy::PresentedKeys presented_keys(const CallState& call);

// "provider/model".
inline std::string name_of(const CallState& call, const catalog::Offer& offer) {
  return call.view->providers[offer.provider].provider->name + "/" + offer.model;
}

}  // namespace hanse::gateway
