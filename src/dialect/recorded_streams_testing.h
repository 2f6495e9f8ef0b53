// The recorded streams of real services (the oracles' recordings), as bytes of the wire with their language.
// Two families, see tests/e2e/recorded.py: cassettes hold whole HTTP exchanges; `lingua` folders hold the
// events of a stream, which are framed here as that vendor frames them.
//
//   for (const RecordedStream& each : recorded_streams(folder)) each.dialect->reply_decoder(true) ...
#pragma once

#include <string>
#include <vector>

#include "base/base64.h"
#include "base/bytes.h"
#include "base/json_testing.h"
#include "base/oracles_testing.h"
#include "dialect/dialect.h"
#include "dialect/frame/event_stream_testing.h"

namespace hanse {

struct RecordedStream {
  std::string name;
  const Dialect* dialect;
  std::string bytes;
};

namespace recorded {

constexpr int kDepthMax = 200;

// A language, how its URLs end, and its folder in the `lingua` family. New dialects add their row.
struct Language {
  std::string_view dialect, url_end;
  std::vector<std::string_view> folders;
  bool names_events, says_done;
};
inline const Language kLanguages[] = {
    {"openai-chat", "/chat/completions", {"chat-completions", "baseten"}, false, true},
    {"anthropic-messages", "/v1/messages", {"anthropic"}, true, false},
    {"openai-responses", "/responses", {"responses"}, true, false},
    {"google-gemini", ":streamGenerateContent", {"google"}, false, false},
    {"bedrock-converse", "/converse-stream", {"bedrock"}, false, false},
    {"bedrock-invoke", "/invoke-with-response-stream", {}, false, false},
};

inline bool is_event_stream(json::Value headers) {
  for (json::Value header : headers)
    if (equal_ignoring_case(header.key().escaped, "content-type"))
      return header.string().find("event-stream") != std::string::npos ||
             header.string().starts_with(event_stream::kContentType);
  return false;
}

// Of Invoke only what Claude answers is in this language.
inline bool is_spoken(json::Value request, std::string_view dialect) {
  return dialect != "bedrock-invoke" || request["url"].string().find("anthropic") != std::string::npos;
}

// What is no text stands in base64.
inline std::string bytes_of(json::Value side) {
  std::string out;
  if (!side["body_base64"].present()) return side["body"].string();
  EXPECT_TRUE(append_from_base64(side["body_base64"].string(), out));
  return out;
}

inline void read_cassette(const std::filesystem::path& path, std::vector<RecordedStream>& out) {
  std::string text = read_whole(path);
  json::Document document;
  auto root = document.parse(text, kDepthMax);
  ASSERT_TRUE(root) << path << ": " << root.error().message;
  size_t number = 0;
  for (json::Value one : (*root)["interactions"]) {
    std::string name =
        path.parent_path().filename().string() + "/" + path.stem().string() + "#" + std::to_string(number++);
    std::string url = one["request"]["url"].string();
    url.resize(std::min(url.size(), url.find('?')));
    json::Value response = one["response"];
    if (!is_event_stream(response["headers"])) continue;
    for (const Language& each : kLanguages) {
      if (!url.ends_with(each.url_end) || !is_spoken(one["request"], each.dialect)) continue;
      std::string bytes = bytes_of(response);
      ASSERT_FALSE(bytes.empty()) << name;
      out.push_back({name, find_dialect(each.dialect), std::move(bytes)});
    }
  }
}

inline std::string framed(json::Value events, const Language& language) {
  std::string out;
  for (json::Value event : events) {
    if (language.dialect == "bedrock-converse") {
      const json::Value inside = *event.begin();
      out += event_stream::framed_event(inside.key().escaped, json::compact(inside));
      continue;
    }
    if (language.names_events) out.append("event: ").append(event["type"].string()).append("\n");
    out.append("data: ").append(json::compact(event)).append("\n\n");
  }
  return language.says_done ? out + "data: [DONE]\n\n" : out;
}

inline void read_lingua(const std::filesystem::path& path, std::vector<RecordedStream>& out) {
  for (const Language& each : kLanguages)
    for (std::string_view folder : each.folders)
      for (const char* turn : {"", "followup-"}) {
        auto file = path / folder / (std::string(turn) + "response-streaming.json");
        if (!std::filesystem::exists(file)) continue;
        std::string text = read_whole(file);
        json::Document document;
        auto root = document.parse(text, kDepthMax);
        ASSERT_TRUE(root) << file << ": " << root.error().message;
        std::string name = "lingua/" + path.filename().string() + "/" + std::string(folder) + "/" + turn;
        out.push_back({name, find_dialect(each.dialect), framed(*root, each)});
      }
}

}  // namespace recorded

inline std::vector<RecordedStream> recorded_streams(const std::filesystem::path& folder) {
  namespace fs = std::filesystem;
  std::vector<RecordedStream> out;
  for (const char* family : {"openllmetry", "pydantic-ai", "ruby_llm"})
    for (const auto& entry : fs::recursive_directory_iterator(folder / family))
      if (entry.path().extension() == ".json") recorded::read_cassette(entry.path(), out);
  for (const auto& entry : fs::directory_iterator(folder / "lingua"))
    recorded::read_lingua(entry.path(), out);
  std::sort(out.begin(), out.end(), [](const auto& a, const auto& b) { return a.name < b.name; });
  return out;
}

}  // namespace hanse
