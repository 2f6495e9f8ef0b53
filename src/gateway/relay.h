// A provider's good answer (status 200) on its way to the client. Untouched where both speak the same
// dialect: what one read brought goes out as one write, whole events only, and a watcher looks at the bytes
// as they pass. Translated otherwise: bytes -> events -> bytes.
//
// An answer that breaks off after it began is an error with the client's answer left open: another offer
// carries it on (rescue.h), or answer_error() ends it as what it is, never like a whole one.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "gateway/call_state.h"
#include "net/client.h"

namespace hanse::gateway {

class Tally;

struct ReplyHead {
  int status = 0;
  std::string content_type, content_encoding;
  std::string error_type;  // AWS names it in a header only
  int64_t content_length = -1;
  std::optional<milliseconds> retry_after;
  std::vector<std::pair<std::string, std::string>> headers;  // for the client
  bool stream = false;                                       // as its content type says
};

// Headers of a provider that a client of the same dialect gets: rate limits and the vendors' own.
bool is_passed_on(std::string_view name);

// What the client's answer must look like.
ReplyShape reply_shape(const CallState& call);

class Relay {
 public:
  CallState& call;
  net::Call& wire;
  const ReplyHead& head;
  const Dialect& provider_dialect;
  const canon::Losses& losses;

  net::Task<Result<void>> untouched();
  net::Task<Result<void>> translated();
  // Vectors in the client's own words.
  net::Task<Result<void>> embedded();

 private:
  net::Task<Result<void>> untouched_stream();
  net::Task<Result<void>> untouched_body();
  net::Task<Result<void>> translated_stream(ReplyDecoder& decoder, canon::EventSink& sink, Tally& tally);
  net::Task<Result<void>> translated_body(ReplyDecoder& decoder, Tally& tally);
  Result<void> judge(ReplyWatcher& watcher, std::string_view fresh, bool too_long);
  net::Bounds between_bytes() const;
  void note_silence();
  bool breaks_off();
  int64_t elapsed_ms() const;
  void begin(bool stream, int64_t content_length = -1);
  net::Task<Result<void>> answer_whole(std::string_view body);
};

}  // namespace hanse::gateway
