// For tests: event streams from and to the names and payloads of their events.
//
//   std::string wire = event_stream::framed_event("messageStart", R"({"role":"assistant"})");
//   wire += event_stream::framed_event("exception throttlingException", "{}");
//   event_stream::events_of(wire)          // {{"messageStart","{...}"}, {"exception
//   throttlingException","{}"}}
#pragma once

#include <gtest/gtest.h>

#include <utility>
#include <vector>

#include "dialect/frame/event_stream.h"

namespace hanse::event_stream {

inline constexpr std::string_view kException = "exception ";

inline std::string framed_event(std::string_view name, std::string_view payload) {
  const bool exception = name.starts_with(kException);
  std::string headers, out;
  append_header(headers, exception ? ":exception-type" : ":event-type",
                exception ? name.substr(kException.size()) : name);
  append_header(headers, ":content-type", "application/json");
  append_header(headers, ":message-type", exception ? "exception" : "event");
  Frame frame(out, headers);
  out += payload;
  frame.end();
  return out;
}

inline std::vector<std::pair<std::string, std::string>> events_of(std::string_view wire) {
  std::vector<std::pair<std::string, std::string>> out;
  Parser parser;
  auto good = parser.feed(wire, [&](const Message& message) -> Result<void> {
    EXPECT_EQ(message.text(":content-type"), "application/json");
    const bool exception = message.text(":message-type") == "exception";
    std::string name = exception ? std::string(kException) : std::string();
    name += message.text(exception ? ":exception-type" : ":event-type");
    out.emplace_back(std::move(name), message.payload);
    return {};
  });
  EXPECT_TRUE(good && parser.finish());
  return out;
}

}  // namespace hanse::event_stream
