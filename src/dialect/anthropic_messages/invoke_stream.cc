#include "dialect/anthropic_messages/invoke_stream.h"

#include "base/base64.h"
#include "base/bytes.h"
#include "dialect/anthropic_messages/wire.h"
#include "dialect/aws_error.h"
#include "dialect/body_watcher.h"
#include "dialect/frame/event_stream.h"
#include "dialect/frame/sse.h"

namespace hanse::anthropic_messages {
namespace {

constexpr int kDepthMax = 64;

// What a frame holds: lines of an event, as the vendor itself would send it, or an error.
struct Unframed {
  std::string lines;
  std::optional<Error> failure;
};

// {"bytes":"...","p":"..."}: without the parser where it is spelled as the service does.
Result<std::string> inner_event(std::string_view payload) {
  constexpr std::string_view kBegin = R"({"bytes":")";
  std::string out;
  if (payload.starts_with(kBegin)) {
    const size_t end = std::min(payload.find('"', kBegin.size()), payload.size());
    if (append_from_base64(payload.substr(kBegin.size(), end - kBegin.size()), out)) return out;
  }
  auto root = json::scratch().parse(payload, kDepthMax);
  if (root && append_from_base64(json::unescape((*root)["bytes"].text()), out) && !out.empty()) return out;
  return fail(Code::malformed_reply, "a chunk of the provider's stream has no bytes in base64");
}

// Steps over what it doesn't know.
Result<Unframed> unframe(const event_stream::Message& message, size_t& unknown_events) {
  Unframed out;
  const std::string_view kind = message.text(":message-type"), event = message.text(":event-type");
  if (kind == "exception" || kind == "error") {
    json::Document document;
    auto root = document.parse(message.payload, kDepthMax);
    out.failure = aws_error::error_of_exception(
        message.text(kind == "error" ? ":error-code" : ":exception-type"), root ? *root : json::Value());
    if (auto said = message.text(":error-message"); !said.empty()) out.failure->message = said;
  } else if ((!kind.empty() && kind != "event") || event != "chunk") {
    ++unknown_events;
  } else {
    TRY(std::string inner, inner_event(message.payload));
    // Lines end in the frame of the other language, and JSON has none that it needs.
    std::ranges::replace(inner, '\n', ' ');
    std::ranges::replace(inner, '\r', ' ');
    auto root = json::scratch().parse(inner, kDepthMax, json::Check::structure);
    if (!root || !root->is_object())
      return fail(Code::malformed_reply, "an event of the provider is not a JSON object");
    std::string name = (*root)["type"].string();
    if (name.find_first_of("\r\n") != std::string::npos) name.clear();
    out.lines.append("event: ").append(name).append("\ndata: ").append(inner).append("\n\n");
  }
  return out;
}

class Decoder final : public ReplyDecoder {
 public:
  Result<void> feed(std::string_view bytes, canon::EventSink& sink) override {
    return parser_.feed(bytes, [&](const event_stream::Message& message) -> Result<void> {
      if (failed_) return {};
      TRY(Unframed inside, unframe(message, unknown_events));
      if (!inside.failure) return inner_->feed(inside.lines, sink);
      failed_ = true;
      sink.on(canon::Failure{std::move(*inside.failure)});
      return {};
    });
  }
  Result<void> finish(canon::EventSink& sink) override {
    if (failed_) return {};
    TRY_VOID(parser_.finish());
    return inner_->finish(sink);
  }

 private:
  event_stream::Parser parser_;
  std::unique_ptr<ReplyDecoder> inner_ = make_reply_decoder(true);
  bool failed_ = false;
};

class Encoder final : public ReplyEncoder {
 public:
  explicit Encoder(const ReplyShape& shape) : inner_(make_reply_encoder(shape)) {
    event_stream::append_header(headers_, ":event-type", "chunk");
    event_stream::append_header(headers_, ":content-type", "application/json");
    event_stream::append_header(headers_, ":message-type", "event");
  }

  void on(const canon::Event& event) override {
    if (done_) return;
    if (auto* failure = std::get_if<canon::Failure>(&event)) {
      done_ = true;
      out += aws_error::exception_frame(failure->error);
      return;
    }
    if (auto* usage = std::get_if<canon::Usage>(&event)) usage_.update(*usage);
    inner_->on(event);
    if (inner_->out.empty()) return;
    (void)parser_.feed(inner_->out, [this](sse::Event each) -> Result<void> {
      write(each);
      return {};
    });
    inner_->out.clear();
  }

 private:
  void write(sse::Event event) {
    std::string measured;
    if (event.name == "message_stop") measured = with_metrics(event.data);
    event_stream::Frame frame(out, headers_);
    out += R"({"bytes":")";
    append_base64(measured.empty() ? event.data : std::string_view(measured), out);
    out += R"("})";
    frame.end();
  }

  // The service's own counts stand in the last event.
  std::string with_metrics(std::string_view event) const {
    std::string metrics;
    json::Writer w(metrics);
    w.object().key("inputTokenCount").number(usage_.input()).key("outputTokenCount").number(usage_.output());
    w.key("invocationLatency").number(elapsed_ms).end_object();
    event.remove_suffix(1);
    return std::string(event).append(R"(,"amazon-bedrock-invocationMetrics":)").append(metrics).append("}");
  }

  std::unique_ptr<ReplyEncoder> inner_;
  std::string headers_;
  sse::Parser parser_;
  canon::Usage usage_;
  bool done_ = false;
};

// What other makers' models answer by the same paths is not known here; the frames are.
class StreamWatcher final : public ReplyWatcher {
 public:
  Result<void> feed(std::string_view bytes) override {
    TRY_VOID(parser_.feed(bytes, [this](const event_stream::Message& message) -> Result<void> {
      auto inside = unframe(message, unknown_events);
      if (inside && inside->failure) failed = true;
      if (inside && is_ours(inside->lines)) return inner_->feed(inside->lines);
      others_ = others_ || !inside || !inside->lines.empty();
      return {};
    }));
    usage = inner_->usage;
    failed = failed || inner_->failed;
    content_seen = others_ || inner_->content_seen;
    ended = parser_.between_frames() && !failed && (others_ || inner_->ended);
    return {};
  }

 private:
  static bool is_ours(std::string_view lines) {
    for (std::string_view name : {"message_", "content_block_", "ping", "error"})
      if (lines.starts_with("event: ") && lines.substr(7).starts_with(name)) return true;
    return false;
  }

  event_stream::Parser parser_;
  std::unique_ptr<ReplyWatcher> inner_ = make_reply_watcher(true);
  bool others_ = false;
};

class WholeWatcher final : public BodyWatcher {
  bool judge(json::Value root) override {
    read_usage(root["usage"]);
    return root.is_object();  // a failure has a status of its own
  }
  std::string_view usage_key() const override { return "usage"; }
  void read_usage(json::Value wire) override { update_usage(usage, wire); }
};

}  // namespace

std::unique_ptr<ReplyDecoder> make_invoke_decoder() { return std::make_unique<Decoder>(); }
std::unique_ptr<ReplyEncoder> make_invoke_encoder(const ReplyShape& shape) {
  return std::make_unique<Encoder>(shape);
}
std::unique_ptr<ReplyWatcher> make_invoke_watcher(bool stream) {
  if (stream) return std::make_unique<StreamWatcher>();
  return std::make_unique<WholeWatcher>();
}

}  // namespace hanse::anthropic_messages
