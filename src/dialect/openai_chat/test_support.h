// For the tests of this folder: requests and answers as texts.
#pragma once

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <gtest/gtest.h>

#include <string>

#include "dialect/openai_chat/dialect.h"

namespace hanse::openai_chat {

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

// {"model":"m","messages":[...]<more>}
inline std::string with_messages(std::string_view messages, std::string_view more = {}) {
  return "{\"model\":\"m\",\"messages\":[" + std::string(messages) + "]" + std::string(more) + "}";
}
inline std::string with_option(std::string_view option) {
  return with_messages(R"({"role":"user","content":"hi"})", "," + std::string(option));
}

struct Encoded {
  std::string body;
  std::vector<std::string> losses;
};

inline Encoded encode(const canon::Request& request, Target target = {.model = "served"}) {
  canon::Losses losses;
  auto body = dialect().encode_request(request, target, losses);
  EXPECT_TRUE(body) << body.error().message;
  json::Document document;
  auto root = document.parse(body ? *body : "", 128);
  EXPECT_TRUE(root) << root.error().message << " in " << *body;
  return {body ? *body : "", losses.paths()};
}

// The messages of what encode() writes.
inline std::string messages_of(const Encoded& encoded) {
  json::Document document;
  auto root = document.parse(encoded.body, 128);
  return root ? std::string((*root)["messages"].raw().json) : "";
}

// Events as lines: "text hi", "call 0 c1 f", "args 0 {}", "usage 1 2 -1 -1 3 4" ...
struct Written final : canon::EventSink {
  std::string lines;
  canon::Usage usage;

  void on(const canon::Event& event) override {
    std::visit([&](const auto& each) { add(each); }, event);
  }
  template <class... Pieces>
  void line(const Pieces&... pieces) {
    fmt::format_to(std::back_inserter(lines), "{}\n", fmt::join({std::string_view(pieces)...}, " "));
  }
  void add(const canon::Start& e) { line("start", e.id.escaped, e.model.escaped, std::to_string(e.created)); }
  void add(const canon::TextDelta& e) { line("text", e.text.escaped); }
  void add(const canon::RefusalDelta& e) { line("refusal", e.text.escaped); }
  void add(const canon::ReasoningDelta& e) { line("reasoning", e.text.escaped); }
  void add(const canon::ReasoningSignature& e) { line("signature", e.signature.escaped); }
  void add(const canon::RedactedReasoning& e) { line("redacted", e.data.escaped); }
  void add(const canon::ToolCallStart& e) {
    line("call", std::to_string(e.call), e.id.escaped, e.name.escaped);
  }
  void add(const canon::ToolCallDelta& e) { line("args", std::to_string(e.call), e.fragment.escaped); }
  void add(const canon::Usage& e) {
    usage = e;
    lines += fmt::format("usage {} {} {} {}\n", e.uncached_in, e.cache_read, e.visible_out, e.reasoning_out);
  }
  void add(const canon::Stop& e) {
    line("stop", std::to_string(static_cast<int>(e.reason)), e.sequence.escaped, e.original.escaped);
  }
  void add(const canon::Failure& e) { line("failure", facts(e.error.code).name, e.error.message); }
};

// The lines of an answer that comes in pieces of `cut` bytes; the last says what is wrong, if anything.
inline std::string read_reply(std::string_view bytes, bool stream, size_t cut = std::string_view::npos) {
  Written out;
  auto decoder = dialect().reply_decoder(stream);
  for (size_t at = 0; at < bytes.size(); at += std::min(cut, bytes.size() - at)) {
    auto good = decoder->feed(bytes.substr(at, cut), out);
    if (!good) return out.lines + "error " + std::string(facts(good.error().code).name) + "\n";
    if (out.lines.find("failure") != std::string::npos) return out.lines;
  }
  auto good = decoder->finish(out);
  return good ? out.lines : out.lines + "error " + std::string(facts(good.error().code).name) + "\n";
}

// A chunk with this inside its first choice.
inline std::string chunk(std::string_view inside, std::string_view behind = {}) {
  std::string out = R"(data: {"id":"chatcmpl-1","object":"chat.completion.chunk","created":7,"model":"m-1",)";
  return out.append(R"("choices":[{"index":0,)").append(inside).append("}]").append(behind).append("}\n\n");
}
inline std::string delta(std::string_view inside) {
  return chunk("\"delta\":{" + std::string(inside) + "},\"finish_reason\":null");
}
inline std::string finish(std::string_view reason) {
  return chunk("\"delta\":{},\"finish_reason\":\"" + std::string(reason) + "\"");
}
inline constexpr std::string_view kDone = "data: [DONE]\n\n";

}  // namespace hanse::openai_chat
