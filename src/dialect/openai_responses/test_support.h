// For the tests of this folder: requests and answers as texts.
#pragma once

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <gtest/gtest.h>

#include <string>

#include "dialect/openai_responses/dialect.h"

namespace hanse::openai_responses {

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

// {"model":"m","input":[...]<more>}
inline std::string with_input(std::string_view items, std::string_view more = {}) {
  return "{\"model\":\"m\",\"input\":[" + std::string(items) + "]" + std::string(more) + "}";
}
inline std::string with_option(std::string_view option) {
  return "{\"model\":\"m\",\"input\":\"hi\"," + std::string(option) + "}";
}

// The turns as lines: "user: text hi", "assistant: call c1 f {} thought T (S)" ...
inline std::string shown(const canon::Part& part) {
  if (const auto* text = part.as<canon::TextPart>()) return fmt::format("text '{}'", text->text.escaped);
  if (const auto* refusal = part.as<canon::RefusalPart>())
    return fmt::format("refusal '{}'", refusal->text.escaped);
  if (const auto* call = part.as<canon::ToolCallPart>())
    return fmt::format("call {} {} {}", call->id.escaped, call->name.escaped, call->arguments.json);
  if (const auto* thought = part.as<canon::ReasoningPart>())
    return fmt::format("thought '{}' '{}' '{}'", thought->text.escaped, thought->signature.escaped,
                       thought->redacted.escaped);
  if (const auto* media = part.as<canon::MediaPart>())
    return fmt::format("media {} {}|{}|{}|{}|{}|{}", static_cast<int>(media->kind), media->media_type.escaped,
                       media->data.escaped, media->url.escaped, media->file_id.escaped, media->name.escaped,
                       media->detail.escaped);
  const auto* result = part.as<canon::ToolResultPart>();
  std::string out = fmt::format("result {}", result->call_id.escaped);
  for (const canon::Part& inside : result->content) out += " " + shown(inside);
  return out;
}
inline std::string shown(const canon::Request& request) {
  std::string out;
  for (const canon::Turn& turn : request.turns) {
    const char* roles[] = {"system", "user", "assistant"};
    out += roles[static_cast<int>(turn.role)];
    for (const canon::Part& part : turn.parts) out += " " + shown(part);
    out += "\n";
  }
  return out;
}
inline std::vector<std::string> extras_of(const canon::Request& request) {
  std::vector<std::string> out;
  for (const auto& extra : request.extras) out.push_back(extra.path);
  return out;
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

// A member of what encode() writes, verbatim; empty when it is not there.
inline std::string member(const std::string& body, std::string_view name) {
  json::Document document;
  auto root = document.parse(body, 128);
  return root ? std::string((*root)[name].raw().json) : "";
}

// Events as lines: "text hi", "call 0 c1 f", "args 0 {}", "usage 1 2 -1 -1" ...
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
  auto failed = [&](const Error& error) {
    return out.lines + "error " + std::string(facts(error.code).name) + "\n";
  };
  for (size_t at = 0; at < bytes.size(); at += std::min(cut, bytes.size() - at)) {
    auto good = decoder->feed(bytes.substr(at, cut), out);
    if (!good) return failed(good.error());
    if (out.lines.find("failure") != std::string::npos) return out.lines;
  }
  auto good = decoder->finish(out);
  return good ? out.lines : failed(good.error());
}

// An event of a stream, `inside` behind its type.
inline std::string event(std::string_view type, std::string_view inside) {
  return fmt::format("event: {0}\ndata: {{\"type\":\"{0}\",\"sequence_number\":1{1}{2}}}\n\n", type,
                     inside.empty() ? "" : ",", inside);
}
inline std::string response(std::string_view status, std::string_view more = {}) {
  return fmt::format(
      R"("response":{{"id":"resp_1","object":"response","created_at":7,"model":"m-1","status":"{}"{}}})",
      status, more);
}
inline std::string created() { return event("response.created", response("in_progress")); }

}  // namespace hanse::openai_responses
