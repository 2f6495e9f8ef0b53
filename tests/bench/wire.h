// The bytes of the benchmark: requests as an OpenAI client sends them, and the same answer in the dialects of
// OpenAI and of Anthropic, complete or as a stream of events. All made once, before anything is measured.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace bench {

inline constexpr int kDeltas = 200;              // text events of a stream
inline constexpr std::size_t kEventBytes = 220;  // size of one of OpenAI's
inline constexpr std::size_t kAnswerBytes = 1024;
// Begins the text of every delta, and nothing else.
inline constexpr std::string_view kDeltaMark = " w0";

enum class Pace {
  burst,    // all events of a stream in one write
  on_read,  // the next event once the client has the one before: never two to merge
  slow,     // an event each half second
};

struct Case {
  std::string_view name;
  int connections;
  std::size_t request_bytes;
  bool stream;
  Pace pace;
};

// Null when there is no such case.
const Case* find_case(std::string_view name);

// A whole request, head and body. `stream_id` tells the provider which client is reading (Pace::on_read).
std::string chat_request(const Case& what, std::string_view model, int port, int stream_id);
// The id out of such a request's body, or -1.
int stream_id_of(std::string_view body);

// One dialect's answers.
struct Answers {
  std::string json_body;                // what the client of a non-streaming request must get
  std::string json_response;            // with its head
  std::string stream_body;              // what the client of a stream must get
  std::vector<std::size_t> event_ends;  // offsets in stream_body
  std::string stream_head;
  std::vector<std::string> chunks;  // one an event, in HTTP chunks; the last one closes the body
  std::string burst_response;       // stream_head and all chunks
};

const Answers& openai_answers();
const Answers& anthropic_answers();

}  // namespace bench
