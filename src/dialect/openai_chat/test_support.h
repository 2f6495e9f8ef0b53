// For the tests of this folder: requests and answers as texts.
#pragma once

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

}  // namespace hanse::openai_chat
