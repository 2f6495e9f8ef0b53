// Recorded traffic of the real services: every request is read and written again with all that the model must
// see again, every answer is read whole, and its counts add up to the total that the vendor says.
#include <filesystem>
#include <iostream>

#include "base/json_testing.h"
#include "base/oracles_testing.h"
#include "dialect/google_gemini/test_support.h"

namespace hanse::google_gemini {
namespace {

namespace fs = std::filesystem;

struct Exchange {
  std::string name, request, answer;
  bool streamed = false, good = false;
};

std::string body_of(json::Value body) {
  return body.is_string() ? body.string() : std::string(body.raw().json);
}

void read_cassette(const fs::path& path, std::vector<Exchange>& out) {
  std::string text = read_whole(path);
  json::Document document;
  auto root = document.parse(text, 200);
  ASSERT_TRUE(root) << path;
  for (json::Value one : (*root)["interactions"]) {
    std::string url = one["request"]["url"].string();
    url.resize(std::min(url.size(), url.find('?')));
    const bool streamed = url.ends_with(":streamGenerateContent");
    if (!streamed && !url.ends_with(":generateContent")) continue;
    out.push_back({path.filename().string(), body_of(one["request"]["body"]),
                   body_of(one["response"]["body"]), streamed, one["response"]["status"].integer() == 200});
  }
}

std::vector<Exchange> cassettes(const fs::path& folder) {
  std::vector<Exchange> out;
  for (const char* family : {"openllmetry", "pydantic-ai", "ruby_llm"})
    for (const auto& entry : fs::recursive_directory_iterator(folder / family))
      if (entry.path().extension() == ".json") read_cassette(entry.path(), out);
  return out;
}

void add_lingua(const fs::path& folder, std::vector<Exchange>& out) {
  for (const auto& each : fs::directory_iterator(folder / "lingua"))
    for (const char* cloud : {"google", "vertex-google"})
      for (const char* turn : {"", "followup-"}) {
        const fs::path at = each.path() / cloud;
        const std::string prefix = turn;
        if (!fs::exists(at / (prefix + "request.json"))) continue;
        const fs::path answer = at / (prefix + "response.json");
        out.push_back({at.string(), read_whole(at / (prefix + "request.json")),
                       fs::exists(answer) ? read_whole(answer) : "", false, fs::exists(answer)});
      }
}

json::Value either(json::Value object, std::string_view camel, std::string_view snake) {
  return object[camel].present() ? object[camel] : object[snake];
}

// A result that is only wrapped is the same by either name.
std::string result_of(json::Value response) {
  std::string text = json::compact(response);
  constexpr std::string_view kResult = "{\"result\":\"";
  return response.size() == 1 && text.starts_with(kResult) ? "{\"output\":\"" + text.substr(kResult.size())
                                                           : text;
}

// What the model must see again, in its order. What runs at the vendor's servers is told as lost.
std::string gist(json::Value request) {
  constexpr std::string_view kNotSigned = "c2tpcF90aG91Z2h0X3NpZ25hdHVyZV92YWxpZGF0b3I=";
  std::string out, signs;
  for (json::Value part : either(request, "systemInstruction", "system_instruction")["parts"])
    out += "system " + part["text"].string() + "\n";
  for (json::Value content : request["contents"])
    for (json::Value part : content["parts"]) {
      if (part["toolCall"].present() || part["toolResponse"].present() || part["executableCode"].present())
        continue;
      json::Value call = part["functionCall"], result = part["functionResponse"];
      json::Value data = either(part, "inlineData", "inline_data"),
                  file = either(part, "fileData", "file_data");
      const std::string signature = part["thoughtSignature"].string();
      if (!part["text"].text().empty())
        out +=
            (part["thought"].boolean().value_or(false) ? "thought " : "text ") + part["text"].string() + "\n";
      if (call.present())
        out += "call " + call["name"].string() +
               json::compact(call["args"].present() ? call["args"] : json::Value()) + "\n";
      if (result.present()) out += "result " + result["name"].string() + result_of(result["response"]) + "\n";
      for (json::Value inner : result["parts"])
        out += "data " + either(inner, "inlineData", "inline_data")["data"].string() + "\n";
      if (data.present()) out += "data " + data["data"].string() + "\n";
      if (file.present()) out += "file " + either(file, "fileUri", "file_uri").string() + "\n";
      if (!signature.empty() && signature != kNotSigned) signs += "signed " + signature + "\n";
    }
  return out + signs;
}

std::string plain_base64(std::string text) {
  for (char& c : text) c = c == '-' ? '+' : c == '_' ? '/' : c;
  return text;
}

void expect_request_survives(const Exchange& exchange, size_t& read) {
  auto it = decode(exchange.request);
  ASSERT_TRUE(it->request) << exchange.name << ": " << it->error.message;
  Encoded again = encode(*it->request);
  json::Document before, after;
  EXPECT_EQ(plain_base64(gist(*before.parse(exchange.request, 128))),
            plain_base64(gist(*after.parse(again.body, 128))))
      << exchange.name;
  for (const char* other : {"openai-chat", "anthropic-messages"}) {
    canon::Losses losses;
    auto body = find_dialect(other)->encode_request(*it->request, {.model = "m"}, losses);
    json::Document document;
    // Files that Google keeps are no other vendor's.
    const bool refused = !body && body.error().code == Code::unsupported &&
                         gist(*before.parse(exchange.request, 128)).find("\nfile ") != std::string::npos;
    EXPECT_TRUE(refused || (body && document.parse(*body, 128))) << exchange.name << " to " << other;
  }
  ++read;
}

// The texts of an answer and the total of its last counts, as they stand in the bytes.
struct Told {
  std::string text;
  int64_t total = -1;
  void add(json::Value chunk) {
    for (json::Value candidate : chunk["candidates"])
      for (json::Value part : candidate["content"]["parts"])
        if (!part["thought"].boolean().value_or(false)) text += part["text"].string();
    if (auto count = chunk["usageMetadata"]["totalTokenCount"].integer()) total = *count;
  }
};

Told told(const Exchange& exchange) {
  Told out;
  json::Document document;
  if (!exchange.streamed) {
    auto root = document.parse(exchange.answer, 128);
    if (root) out.add(*root);
    return out;
  }
  std::string_view rest = exchange.answer;
  while (!rest.empty()) {
    std::string_view line = rest.substr(0, rest.find('\n'));
    rest.remove_prefix(std::min(rest.size(), line.size() + 1));
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (line.starts_with("data:"))
      if (auto root = document.parse(line.substr(5), 128)) out.add(*root);
  }
  return out;
}

struct Read final : canon::EventSink {
  std::string text;
  canon::Usage usage;
  int stops = 0;
  void on(const canon::Event& event) override {
    if (auto* said = std::get_if<canon::TextDelta>(&event)) text += json::unescape(said->text);
    if (auto* counts = std::get_if<canon::Usage>(&event)) usage.update(*counts);
    stops += std::holds_alternative<canon::Stop>(event);
  }
};

void expect_answer_is_whole(const Exchange& exchange, size_t& read) {
  Read out;
  auto decoder = dialect().reply_decoder(exchange.streamed);
  auto good = decoder->feed(exchange.answer, out);
  if (good) good = decoder->finish(out);
  ASSERT_TRUE(good) << exchange.name << ": " << good.error().message;
  EXPECT_EQ(out.stops, 1) << exchange.name;
  const Told expected = told(exchange);
  EXPECT_EQ(out.text, expected.text) << exchange.name;
  EXPECT_EQ(out.usage.input() + out.usage.output(), expected.total) << exchange.name;
  ++read;
}

TEST(GeminiRecorded, RequestsAndAnswers) {
  HANSE_ORACLES_OR_SKIP(folder, "recordings");
  std::vector<Exchange> exchanges = cassettes(folder);
  add_lingua(folder, exchanges);
  size_t requests = 0, answers = 0, refusals = 0;
  for (const Exchange& each : exchanges) {
    if (each.request.starts_with('{')) expect_request_survives(each, requests);
    if (each.good) expect_answer_is_whole(each, answers);
    if (each.good || !each.answer.starts_with('{')) continue;
    EXPECT_FALSE(dialect().decode_error(400, each.answer).provider_type.empty()) << each.name;
    ++refusals;
  }
  std::cout << fmt::format("counted: {} requests, {} answers, {} refusals\n", requests, answers, refusals);
  EXPECT_GE(requests, 200u);
  EXPECT_GE(answers, 200u);
  EXPECT_GE(refusals, 3u);
}

}  // namespace
}  // namespace hanse::google_gemini
