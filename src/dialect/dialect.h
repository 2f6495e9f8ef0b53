// A dialect: one vendor language on the wire, to and from the canonical form. Pure: bytes and values in,
// values out.
//
//   const Dialect* client = find_dialect("openai-chat");            // dialects.cc holds the list
//   TRY(auto request, client->decode_request(root));                // client bytes -> canon::Request
//   TRY(std::string body, provider->encode_request(*request, target, losses));
//   auto decoder = provider->reply_decoder(stream);                 // provider bytes -> canon::Event ...
//   auto encoder = client->reply_encoder(shape);                    // ... canon::Event -> client bytes
//
// One folder a dialect, with the same few files: dialect.h/.cc (the Dialect itself), decode_request.cc,
// encode_request.cc, reply_decoder.cc, reply_encoder.cc, watcher.cc and error.cc. Objects here are used by
// one request at a time and hold no locks; Dialect itself is immutable and shared by all cores.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "canon/event.h"
#include "canon/request.h"
#include "dialect/frame/sse.h"

namespace hanse {

// What an encoder must know of the offer that it writes for.
struct Target {
  std::string_view model;                    // name at the provider, plain (not escaped)
  int64_t output_tokens_max_default = 4096;  // where the target demands max_tokens and the client gave none
  bool official = false;  // the vendor itself, not a compatible server: newest field names are known
};

// The few facts of a request that routing and pass-through need, read from the top level only.
struct Peek {
  json::Value model;  // a string, or missing/another type when the client got it wrong
  bool stream = false;
  bool stream_usage = false;
};

// What the answer to a client must look like.
struct ReplyShape {
  bool stream = false;
  bool stream_usage = false;
  bool echo_reasoning = true;
  std::string request_id;  // for ids that must be minted
  int64_t now_unix = 0;    // for `created`
  // What was asked, for languages whose answers repeat it; must outlive the encoder. nullptr: not known.
  const canon::Request* request = nullptr;
  bool compaction = false;  // a summary of the conversation is wanted (Operation::compact)
  std::string query;        // of the client's target, where a dialect's frame depends on it
};

// How a stream of a language travels.
struct StreamFrame {
  std::string_view content_type = "text/event-stream";
  // Where the last whole event of the bytes ends; 0 when none does.
  size_t (*whole_events)(std::string_view bytes) = end_of_last_event;
  // An error inside it, where that isn't framed as encode_stream_error() has it.
  std::string (*error)(const Error& error) = nullptr;
};

using HeaderList = std::vector<std::pair<std::string, std::string>>;

// A model as listed to clients.
struct ModelInfo {
  std::string id;
  std::string owner;
  int64_t created = 0;
};

// Turns a provider's body (already without HTTP framing or compression) into events, whatever the cut points.
class ReplyDecoder {
 public:
  virtual ~ReplyDecoder() = default;
  // Next bytes of the body; events go to `sink` at once. An error means that the bytes make no sense; after
  // an error or a Failure event nothing more is fed.
  virtual Result<void> feed(std::string_view bytes, canon::EventSink& sink) = 0;
  // The body has ended. An answer that is not whole (no terminal event, cut JSON) is an error:
  // malformed_reply.
  virtual Result<void> finish(canon::EventSink& sink) = 0;
  size_t unknown_events = 0;  // stepped over, where the language tells them apart
};

// Turns events into the body for a client, appended to `out`: SSE frames when the shape streams, else one
// JSON body at Stop. A Failure becomes the dialect's in-stream error (streaming) and never a normal end.
class ReplyEncoder : public canon::EventSink {
 public:
  std::string out;         // the caller sends and clears it after each batch
  int64_t elapsed_ms = 0;  // since the request came, set by the caller where a language tells it at the end
};

// Looks at a reply that passes through untouched, for what must be known of it: usage, how it ended, what
// failed. Never changes bytes. Fast: searches, does not parse every event.
class ReplyWatcher {
 public:
  virtual ~ReplyWatcher() = default;
  // Whole events only when streaming (the caller holds back a cut tail), else any piece of the body.
  virtual Result<void> feed(std::string_view bytes) = 0;
  canon::Usage usage;
  bool content_seen = false;  // a first token (or any content) has passed
  bool ended = false;         // the terminal event has passed (streaming), or the body was whole
  bool failed = false;        // the provider reported an error inside the stream
  size_t unknown_events = 0;
};

// What a client may ask. All but chat pass untouched to providers that speak the client's own language.
enum class Operation : uint8_t {
  chat,
  embeddings,
  completions,
  count_tokens,
  compact,  // a conversation to a summary
  models,
  model,
  profiles,   // the models as inference profiles (AWS)
  kept,       // an answer of before, by its id in the place of {model}
  kept_input  // and what had been asked
};

// A path of the vendor's own API. In a pattern {model} takes everything up to what follows it, and {} one
// segment.
struct ClientPath {
  enum class Streams : uint8_t { in_body, never, always };  // where it is said that the answer streams
  std::string_view pattern;
  Operation operation = Operation::chat;
  Streams streams = Streams::in_body;
};

class Keeping;     // keeping.h
class Embeddings;  // embeddings.h

class Dialect {
 public:
  virtual ~Dialect() = default;
  virtual std::string_view name() const = 0;  // "openai-chat", "anthropic-messages"

  // -- as a client's language
  // POST, but for lists and names of models and for kept answers, which are GET. What stands first is looked
  // at first.
  virtual std::span<const ClientPath> paths() const = 0;
  // The header by which this language's SDKs are known where a path is another's too; empty: none.
  virtual std::string_view sign_header() const { return {}; }
  virtual Peek peek(json::Value root) const = 0;
  virtual Result<std::unique_ptr<canon::Request>> decode_request(json::Value root) const = 0;
  virtual std::unique_ptr<ReplyEncoder> reply_encoder(const ReplyShape& shape) const = 0;
  // The body of an error answer; the status is error.http_status() put through client_status().
  virtual std::string encode_error(const Error& error, std::string_view request_id) const = 0;
  virtual int client_status(const Error& error) const = 0;
  // An error inside a stream that has begun, as a whole SSE frame; the stream must then end without a
  // terminal event.
  virtual std::string encode_stream_error(const Error& error, std::string_view request_id) const = 0;
  virtual std::string encode_models(std::span<const ModelInfo> models) const = 0;
  virtual std::string encode_profiles(std::span<const ModelInfo> models) const {
    return encode_models(models);
  }
  // One model by itself, for GET /v1/models/{id}.
  virtual std::string encode_model(const ModelInfo& model) const { return encode_models({&model, 1}); }
  // How many tokens a request has, as this dialect's own path for that question answers; empty: it has none.
  virtual std::string encode_token_count(int64_t) const { return {}; }
  // How answers are kept that clients name later; nullptr: they never do.
  virtual const Keeping* keeping() const { return nullptr; }
  // Texts as vectors, on both sides; nullptr: this language has none.
  virtual const Embeddings* embeddings() const { return nullptr; }
  // The header in which clients of this dialect look for the request's id.
  virtual std::string_view request_id_header() const { return "x-request-id"; }

  // The frame of streams for this client, which may ask for another one than its vendor sends by default.
  virtual StreamFrame client_frame(std::string_view query) const { return (void)query, stream_frame(); }
  // Headers that belong to an error answer beside its body.
  virtual HeaderList error_headers(const Error&) const { return {}; }

  // -- as a provider's language
  virtual StreamFrame stream_frame() const { return {}; }
  // The body for the provider. Losses are named in the words of the client; media that no provider could
  // read, or that this one can't be told, are errors (media_check.h).
  Result<std::string> encode_request(const canon::Request& request, const Target& target,
                                     canon::Losses& losses) const;
  virtual std::unique_ptr<ReplyDecoder> reply_decoder(bool stream) const = 0;
  // What a provider's error answer (status >= 400, any body, HTML too) says, with its own type and
  // retry_after left for the caller who has the headers.
  virtual Error decode_error(int status, std::string_view body) const = 0;

  // -- the same language on both sides
  virtual std::unique_ptr<ReplyWatcher> reply_watcher(bool stream) const = 0;

 private:
  // encode_request() without what it does for every language.
  virtual Result<std::string> write_request(const canon::Request& request, const Target& target,
                                            canon::Losses& losses) const = 0;
};

// The list: by name ("openai-chat"), or nullptr.
const Dialect* find_dialect(std::string_view name);
std::span<const Dialect* const> all_dialects();

}  // namespace hanse
