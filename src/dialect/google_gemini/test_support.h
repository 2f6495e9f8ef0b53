// For the tests of this folder: requests and answers as texts.
#pragma once

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <string>

#include "dialect/google_gemini/dialect.h"

namespace hanse::google_gemini {

struct Decoded {
  std::string body;
  json::Document document;
  std::unique_ptr<canon::Request> request;
  Error error;
};

inline std::unique_ptr<Decoded> decode(std::string body) {
  auto out = std::make_unique<Decoded>();
  out->body = std::move(body);
  auto root = out->document.parse(out->body, 64);
  EXPECT_TRUE(root) << root.error().message;
  if (!root) return out;
  auto request = dialect().decode_request(*root);
  if (request)
    out->request = std::move(*request);
  else
    out->error = request.error();
  return out;
}

// {"contents":[...]<more>}
inline std::string with_contents(std::string_view contents, std::string_view more = {}) {
  return "{\"contents\":[" + std::string(contents) + "]" + std::string(more) + "}";
}
inline std::string with_option(std::string_view option) {
  return with_contents(R"({"parts":[{"text":"hi"}]})", "," + std::string(option));
}

struct Encoded {
  std::string body;
  std::vector<std::string> losses;
};

inline Encoded encode(const canon::Request& request) {
  canon::Losses losses;
  auto body = dialect().encode_request(request, {.model = "served"}, losses);
  EXPECT_TRUE(body) << body.error().message;
  json::Document document;
  auto root = document.parse(body ? *body : "", 128);
  EXPECT_TRUE(root) << root.error().message << " in " << *body;
  return {body ? *body : "", losses.paths()};
}

// Events as lines: "text hi", "call 0 c1 f", "args 0 {}", "usage 1 2 -1 -1 3 4" ...
struct Written final : canon::EventSink {
  std::string lines;
  canon::Usage usage;

  void on(const canon::Event& event) override {
    std::visit([&](const auto& each) { add(each); }, event);
  }
  template <class... Values>
  void line(fmt::format_string<Values...> format, Values&&... values) {
    fmt::format_to(std::back_inserter(lines), format, std::forward<Values>(values)...);
    lines += '\n';
  }
  void add(const canon::Start& e) { line("start {} {}", e.id.escaped, e.model.escaped); }
  void add(const canon::TextDelta& e) { line("text {}", e.text.escaped); }
  void add(const canon::RefusalDelta& e) { line("refusal {}", e.text.escaped); }
  void add(const canon::ReasoningDelta& e) { line("reasoning {}", e.text.escaped); }
  void add(const canon::ReasoningSignature& e) { line("signature {}", e.signature.escaped); }
  void add(const canon::RedactedReasoning& e) { line("redacted {}", e.data.escaped); }
  void add(const canon::ToolCallStart& e) { line("call {} {} {}", e.call, e.id.escaped, e.name.escaped); }
  void add(const canon::ToolCallDelta& e) { line("args {} {}", e.call, e.fragment.escaped); }
  void add(const canon::Usage& e) {
    usage = e;
    line("usage {} {} {} {} {}", e.uncached_in, e.cache_read, e.tool_prompt_in, e.visible_out,
         e.reasoning_out);
  }
  void add(const canon::Stop& e) { line("stop {} {}", static_cast<int>(e.reason), e.original.escaped); }
  void add(const canon::Failure& e) { line("failure {} {}", facts(e.error.code).name, e.error.message); }
};

// The lines of an answer that comes in pieces of `cut` bytes; the last says what is wrong, if anything.
inline std::string read_reply(std::string_view bytes, bool stream, size_t first = std::string_view::npos,
                              size_t cut = std::string_view::npos) {
  Written out;
  auto decoder = dialect().reply_decoder(stream);
  auto wrong = [&](const Error& error) { return out.lines + "error " + std::string(facts(error.code).name); };
  for (size_t size = first; !bytes.empty(); size = cut) {
    auto good = decoder->feed(bytes.substr(0, size), out);
    if (!good) return wrong(good.error());
    bytes.remove_prefix(std::min(size, bytes.size()));
  }
  auto good = decoder->finish(out);
  return good ? out.lines : wrong(good.error());
}

// A chunk as the vendor writes it.
inline std::string chunk(std::string_view parts, std::string_view reason = {}, int prompt = 5, int made = 1) {
  std::string out =
      R"({"candidates": [{"content": {"parts": [)" + std::string(parts) + R"(],"role": "model"},)";
  if (!reason.empty()) out.append(R"("finishReason": ")").append(reason).append("\",");
  return out +
         fmt::format(R"("index": 0}}],"usageMetadata": {{"promptTokenCount": {},"candidatesTokenCount": {},)"
                     R"("totalTokenCount": {}}},"modelVersion": "gemini-x","responseId": "r1"}})",
                     prompt, made, prompt + made);
}
inline std::string event(std::string_view data) { return "data: " + std::string(data) + "\r\n\r\n"; }

}  // namespace hanse::google_gemini
