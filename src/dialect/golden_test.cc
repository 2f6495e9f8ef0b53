// Runs the cases of every src/dialect/NAME/golden/*.json: what a client says, what its provider must read;
// what the provider answers, what the client must read. `./dev golden` writes what the code says now; the
// diff is then read as if somebody else had written it.
//
//   {"why": "...", "client": "openai-chat", "provider": "anthropic-messages",
//    "request": {...},      what the provider reads:   "expect" its body, "dropped" what is lost
//    "reply": {...},        what the client reads:     "expect" its body
//    "stream": [...],       the same, streamed:        "expect" its events
//    "refusal": {"status": 429, "body": {...}},        "expect" the body of its error
//    "target": {...}, "shape": {...},                  of Target and ReplyShape, where not the default
//    "asked": {...},                                   the request that the reply or stream answers
//    "expect": ..., "dropped": [...], "status": 400}   the status where it is not 200
//
// Bytes are compared, but for white space between the tokens of a body: files are laid out for people. An
// event of a stream is its data, ["its name", data], or a string when its data is no JSON; so is such a body.
// Frames of an AWS event stream are ["its name", data] too, of exceptions ["exception its name", data].
#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <set>
#include <span>

#include "base/json_testing.h"
#include "base/oracles_testing.h"
#include "dialect/dialect.h"
#include "dialect/frame/event_stream_testing.h"
#include "dialect/frame/sse.h"

namespace hanse {
namespace {

namespace fs = std::filesystem;

constexpr int kDepthMax = 200;
constexpr std::string_view kRequestId = "req_1";
constexpr int64_t kNow = 1700000000;
constexpr std::string_view kOutputs[] = {"expect", "dropped", "status"};

std::string in_quotes(std::string_view plain) {
  std::string out = "\"";
  json::escape(plain, out);
  return out + "\"";
}

// The bytes of a body that the case gives as JSON, or as a string when it is none.
std::string body_of(json::Value value) { return value.is_string() ? value.string() : json::compact(value); }

std::string shown_body(std::string_view bytes) {
  json::Document document;
  auto root = document.parse(bytes, kDepthMax);
  return root ? std::string(bytes) : in_quotes(bytes);
}

bool is_binary(const Dialect& dialect) {
  return dialect.stream_frame().content_type == event_stream::kContentType;
}

std::string wire_of(const Dialect& dialect, json::Value events) {
  std::string out;
  if (is_binary(dialect)) {
    for (json::Value event : events)
      out += event_stream::framed_event((*event.begin()).string(), body_of(*++event.begin()));
    return out;
  }
  for (json::Value event : events) {
    json::Value data = event;
    if (event.is_array()) {
      out += "event: " + (*event.begin()).string() + "\n";
      data = *++event.begin();
    }
    out += "data: " + body_of(data) + "\n\n";
  }
  return out;
}

std::string shown_events(const Dialect& dialect, const std::string& bytes) {
  std::string out;
  json::Document document;
  auto show = [&](sse::Event event) -> Result<void> {
    bool is_json = document.parse(event.data, kDepthMax).has_value();
    std::string data = is_json ? std::string(event.data) : in_quotes(event.data);
    out += out.empty() ? "" : ",";
    out += event.name.empty() ? data : "[" + in_quotes(event.name) + "," + data + "]";
    return {};
  };
  if (is_binary(dialect)) {
    for (const auto& [name, payload] : event_stream::events_of(bytes)) (void)show({name, payload});
  } else {
    sse::Parser parser;
    EXPECT_TRUE(parser.feed(bytes, show));
  }
  out = "[" + out + "]";
  auto root = document.parse(out, kDepthMax);
  EXPECT_EQ(root ? wire_of(dialect, *root) : out, bytes) << "framed in another way than it should be";
  return out;
}

class Case {
 public:
  Case(const fs::path& path, json::Value root) : root_(root) {
    client_ = find_dialect(root["client"].string());
    provider_ = find_dialect(root["provider"].string());
    read_asked();
    EXPECT_TRUE(client_) << path << ": unknown client";
    EXPECT_TRUE(provider_) << path << ": unknown provider";
    EXPECT_FALSE(root["why"].string().empty()) << path << ": a case says why it is one";
  }

  // The file as it should be.
  std::string text() {
    json::Writer out(text_);
    out.object();
    for (json::Value member : root_)
      if (std::ranges::find(kOutputs, member.key().escaped) == std::end(kOutputs))
        out.key_text(member.key()).raw(json::compact(member));
    if (client_ && provider_) run(out);
    out.end_object();
    return json::pretty(text_) + "\n";
  }

 private:
  void read_asked() {
    if (!root_["asked"].present()) return;
    asked_body_ = json::compact(root_["asked"]);
    json::Document document;
    auto decoded = client_->decode_request(*document.parse(asked_body_, kDepthMax));
    ASSERT_TRUE(decoded) << decoded.error().message;
    asked_ = std::move(*decoded);
  }

  void run(json::Writer& out) {
    if (root_["request"].present()) return request(out);
    if (root_["stream"].present()) return stream(out);
    if (root_["reply"].present()) return reply(out);
    if (root_["refusal"].present()) return refusal(out);
    ADD_FAILURE() << "a case has a request, a reply, a stream or a refusal";
  }

  void request(json::Writer& out) {
    std::string body = json::compact(root_["request"]);
    json::Document document;
    auto decoded = client_->decode_request(*document.parse(body, kDepthMax));
    if (!decoded) return error(out, decoded.error());
    json::Value wanted = root_["target"];
    std::string model = wanted["model"].present() ? wanted["model"].string() : "served";
    Target target{.model = model, .official = wanted["official"].boolean().value_or(false)};
    if (auto most = wanted["max_tokens"].integer()) target.output_tokens_max_default = *most;
    canon::Losses losses;
    auto encoded = provider_->encode_request(**decoded, target, losses);
    if (!encoded) return error(out, encoded.error());
    out.key("expect").raw(shown_body(*encoded));
    if (losses.empty()) return;
    out.key("dropped").array();
    for (const std::string& path : losses.paths()) out.string(path);
    out.end_array();
  }

  ReplyShape shape(bool stream) const {
    json::Value wanted = root_["shape"];
    return {.stream = stream,
            .stream_usage = wanted["usage"].boolean().value_or(true),
            .echo_reasoning = wanted["reasoning"].boolean().value_or(true),
            .request_id = std::string(kRequestId),
            .now_unix = kNow,
            .request = asked_.get(),
            .query = wanted["query"].present() ? wanted["query"].string() : "alt=sse"};
  }

  // What the client reads of an answer that comes in pieces of `piece` bytes.
  struct Answer {
    std::string bytes;
    Result<void> good;
    bool failed = false;
    Error failure;
  };
  class Sink final : public canon::EventSink {
   public:
    Sink(ReplyEncoder& encoder, Answer& answer) : encoder_(encoder), answer_(answer) {}
    void on(const canon::Event& event) override {
      EXPECT_FALSE(answer_.failed) << "an event after the failure";
      encoder_.on(event);
      auto* failure = std::get_if<canon::Failure>(&event);
      if (!failure) return;
      answer_.failed = true;
      answer_.failure = failure->error;
    }

   private:
    ReplyEncoder& encoder_;
    Answer& answer_;
  };

  Answer answer(std::string_view bytes, bool stream, size_t piece) const {
    Answer out;
    auto decoder = provider_->reply_decoder(stream);
    auto encoder = client_->reply_encoder(shape(stream));
    Sink sink(*encoder, out);
    for (size_t at = 0; out.good && !out.failed && at < bytes.size();
         at += std::min(piece, bytes.size() - at))
      out.good = decoder->feed(bytes.substr(at, piece), sink);
    if (out.good && !out.failed) out.good = decoder->finish(sink);
    out.bytes = std::move(encoder->out);
    return out;
  }

  void stream(json::Writer& out) {
    std::string bytes = wire_of(*provider_, root_["stream"]), first;
    for (size_t piece : {bytes.size() + 1, size_t{1}, size_t{7}}) {
      Answer read = answer(bytes, true, piece);
      if (!read.good) read.bytes += client_->encode_stream_error(read.good.error(), kRequestId);
      if (first.empty()) first = read.bytes;
      EXPECT_EQ(first, read.bytes) << "cut each " << piece << " bytes";
    }
    out.key("expect").raw(shown_events(*client_, first));
  }

  void reply(json::Writer& out) {
    Answer read = answer(body_of(root_["reply"]), false, SIZE_MAX);
    if (!read.good) return error(out, read.good.error());
    if (read.failed) return error(out, read.failure);
    out.key("expect").raw(shown_body(read.bytes));
  }

  void refusal(json::Writer& out) {
    json::Value said = root_["refusal"];
    auto status = static_cast<int>(said["status"].integer().value_or(0));
    EXPECT_GE(status, 400);
    error(out, provider_->decode_error(status, body_of(said["body"])));
  }

  void error(json::Writer& out, const Error& error) {
    out.key("expect").raw(shown_body(client_->encode_error(error, kRequestId)));
    out.key("status").number(client_->client_status(error));
  }

  json::Value root_;
  const Dialect* client_;
  const Dialect* provider_;
  std::string asked_body_;
  std::unique_ptr<canon::Request> asked_;
  std::string text_;
};

std::vector<fs::path> golden_files() {
  std::vector<fs::path> out;
  for (const auto& dialect : fs::directory_iterator(fs::path(HANSE_SOURCE_DIR) / "src" / "dialect")) {
    if (!fs::is_directory(dialect.path() / "golden")) continue;
    for (const auto& file : fs::directory_iterator(dialect.path() / "golden"))
      if (file.path().extension() == ".json") out.push_back(file.path());
  }
  std::ranges::sort(out);
  return out;
}

// anthropic_messages/golden/tool_results.json: anthropic_messages_tool_results
std::string name_of(const fs::path& path) {
  return path.parent_path().parent_path().filename().string() + "_" + path.stem().string();
}

std::vector<std::string_view> lines_of(std::string_view text) {
  std::vector<std::string_view> out;
  while (!text.empty()) {
    size_t size = std::min(text.find('\n'), text.size() - 1) + 1;
    out.push_back(text.substr(0, size));
    text.remove_prefix(size);
  }
  return out;
}

// The lines between what both begin and end with.
std::string difference(std::string_view file, std::string_view now) {
  auto before = lines_of(file), after = lines_of(now);
  auto [first, first_now] = std::mismatch(before.begin(), before.end(), after.begin(), after.end());
  std::span left(first, before.end()), right(first_now, after.end());
  size_t same = 0;
  size_t shorter = std::min(left.size(), right.size());
  while (same < shorter && left[left.size() - 1 - same] == right[right.size() - 1 - same]) ++same;
  std::string out = fmt::format("line {}:\n", first - before.begin() + 1);
  for (size_t i = 0; i + same < left.size(); ++i) out.append("- ").append(left[i]);
  for (size_t i = 0; i + same < right.size(); ++i) out.append("+ ").append(right[i]);
  return out;
}

class Golden : public testing::TestWithParam<fs::path> {};

TEST_P(Golden, IsWhatTheCodeSays) {
  std::string file = read_whole(GetParam());
  json::Document document;
  auto root = document.parse(file, kDepthMax);
  ASSERT_TRUE(root) << GetParam() << ": " << root.error().message;
  std::string text = Case(GetParam(), *root).text();
  if (HasFailure()) return;  // what could not be run is not written down either
  const char* mode = std::getenv("HANSE_GOLDEN");
  if (mode && std::string_view(mode) == "write")
    std::ofstream(GetParam(), std::ios::binary) << text;
  else
    EXPECT_TRUE(file == text) << (*root)["why"].string() << "\n" << difference(file, text);
}

INSTANTIATE_TEST_SUITE_P(Cases, Golden, testing::ValuesIn(golden_files()),
                         [](const auto& each) { return name_of(each.param); });

TEST(GoldenCases, AreOfEveryDialect) {
  std::map<std::string, size_t> speak;
  std::set<std::string> folders;
  for (const Dialect* dialect : all_dialects()) {
    std::string folder(dialect->name());
    std::ranges::replace(folder, '-', '_');
    folders.insert(folder);
  }
  for (const fs::path& path : golden_files()) {
    EXPECT_TRUE(folders.contains(path.parent_path().parent_path().filename().string()))
        << path << " is in the folder of no dialect";
    std::string text = read_whole(path);
    json::Document document;
    auto root = document.parse(text, kDepthMax);
    ASSERT_TRUE(root) << path;
    ++speak[(*root)["client"].string()];
    ++speak[(*root)["provider"].string()];
  }
  for (const Dialect* dialect : all_dialects())
    EXPECT_GE(speak[std::string(dialect->name())], 1u) << dialect->name() << " has no cases";
}

}  // namespace
}  // namespace hanse
