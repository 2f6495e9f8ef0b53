// Media that can't be read are refused by name, before a provider is asked.
#include "dialect/media_check.h"

#include <gtest/gtest.h>

#include "dialect/dialect.h"

namespace hanse {
namespace {

// The error that a client of `from` gets where `to` would answer; without a field when it is none.
Error refusal(std::string_view from, std::string_view to, std::string_view body) {
  json::Document document;
  auto root = document.parse(body, 64);
  EXPECT_TRUE(root) << root.error().message;
  auto request = find_dialect(from)->decode_request(*root);
  if (!request) return request.error();
  canon::Losses losses;
  auto encoded = find_dialect(to)->encode_request(**request, {.model = "served"}, losses);
  return encoded ? Error() : encoded.error();
}

constexpr std::string_view kPng = "iVBORw0KGgoAAAANSUhEUg==", kJpeg = "/9j/4AAQSkZJRgABAQ==";

std::string chat(const std::string& part) {
  return R"({"model":"m","messages":[{"role":"user","content":[{"type":"text","text":"?"},)" + part + "]}]}";
}
std::string chat_image(std::string_view type, std::string_view data) {
  return chat(R"({"type":"image_url","image_url":{"url":"data:)" + std::string(type) + ";base64," +
              std::string(data) + R"("}})");
}
std::string anthropic_image(std::string_view type, std::string_view data) {
  return R"({"model":"m","max_tokens":9,"messages":[{"role":"user","content":[{"type":"image","source":{)"
         R"("type":"base64","media_type":")" +
         std::string(type) + R"(","data":")" + std::string(data) + R"("}}]}]})";
}
std::string gemini_image(std::string_view type, std::string_view data) {
  return R"({"contents":[{"role":"user","parts":[{"inlineData":{"mimeType":")" + std::string(type) +
         R"(","data":")" + std::string(data) + R"("}}]}]})";
}

TEST(MediaCheck, WhatIsNotBase64) {
  for (std::string_view to : {"anthropic-messages", "google-gemini", "bedrock-converse", "openai-responses"})
    for (std::string_view data : {"!!!!", "AAA=A", "A", "<svg/>"}) {
      Error error = refusal("openai-chat", to, chat_image("image/png", data));
      EXPECT_EQ(error.field, "messages[0].content[1]") << to << " " << data << error.message;
      EXPECT_EQ(error.http_status(), 400);
    }
  EXPECT_EQ(refusal("anthropic-messages", "openai-chat", anthropic_image("image/png", "%%")).field,
            "messages[0].content[0]");
  EXPECT_NE(refusal("google-gemini", "openai-chat", gemini_image("image/png", "%%")).field, "");
  EXPECT_EQ(refusal("anthropic-messages", "openai-chat", anthropic_image("image/png", "QU\\nJD")).message,
            "");
}

TEST(MediaCheck, BytesOfAnotherType) {
  Error error = refusal("openai-chat", "anthropic-messages", chat_image("image/jpeg", kPng));
  EXPECT_EQ(error.message,
            "messages[0].content[1]: it is said to be image/jpeg, but its bytes are of image/png");
  EXPECT_EQ(refusal("anthropic-messages", "google-gemini", anthropic_image("image/png", kJpeg)).field,
            "messages[0].content[0]");
  EXPECT_EQ(refusal("google-gemini", "openai-chat", gemini_image("image/webp", kPng)).field,
            "contents[0].parts[0]");
  EXPECT_EQ(refusal("openai-chat", "anthropic-messages", chat_image("image/jpg", kJpeg)).message, "");
  EXPECT_EQ(refusal("openai-chat", "anthropic-messages", chat_image("IMAGE/PNG", kPng)).message, "");
  // What can't be told is the provider's to judge.
  EXPECT_EQ(refusal("openai-chat", "anthropic-messages", chat_image("image/png", "QUJD")).message, "");
}

TEST(MediaCheck, FilesOfAnotherProvider) {
  const std::string file = chat(R"({"type":"file","file":{"file_id":"file-1"}})");
  for (std::string_view to : {"anthropic-messages", "google-gemini", "bedrock-converse", "cohere-chat"}) {
    Error error = refusal("openai-chat", to, file);
    EXPECT_EQ(error.field, "messages[0].content[1]") << to;
    EXPECT_EQ(error.http_status(), 400);
    EXPECT_NE(error.message.find("kept"), std::string::npos) << error.message;
  }
}

TEST(MediaCheck, AddressesWhereNoneIsTaken) {
  Error error = refusal("openai-chat", "bedrock-converse",
                        chat(R"({"type":"image_url","image_url":{"url":"https://i.example/a.png"}})"));
  EXPECT_EQ(error.field, "messages[0].content[1]");
  EXPECT_EQ(error.code, Code::unsupported);  // another offer may take it
  EXPECT_EQ(error.http_status(), 400);
  EXPECT_EQ(refusal("openai-chat", "anthropic-messages",
                    chat(R"({"type":"image_url","image_url":{"url":"https://i.example/a.png"}})"))
                .message,
            "");
}

}  // namespace
}  // namespace hanse
