// A provider's answer, streamed or whole, read into events.
#include "dialect/frame/sse.h"
#include "dialect/openai_responses/answer_reader.h"
#include "dialect/openai_responses/wire.h"

namespace hanse::openai_responses {
namespace {

using canon::EventSink;
using json::Value;

constexpr int kDepthMax = 128;

bool is_end(std::string_view type) {
  return type == "response.completed" || type == "response.incomplete" || type == "response.failed" ||
         type == "response.cancelled";
}

bool is_beginning(std::string_view type) {
  return type == "response.created" || type == "response.in_progress" || type == "response.queued";
}

class StreamDecoder final : public ReplyDecoder {
 public:
  Result<void> feed(std::string_view bytes, EventSink& sink) override {
    return parser_.feed(bytes, [&](sse::Event event) { return on_event(event.data, sink); });
  }

  Result<void> finish(EventSink& sink) override {
    TRY_VOID(parser_.finish([&](sse::Event event) { return on_event(event.data, sink); }));
    if (over_) return {};
    return fail(Code::malformed_reply, "the provider's stream ended before the answer was whole");
  }

 private:
  Result<void> on_event(std::string_view data, EventSink& sink) {
    if (over_ || data.empty() || data == "[DONE]") return {};
    auto root = document_.parse(data, kDepthMax);
    if (!root) return fail(Code::malformed_reply, "an event of the provider is " + root.error().message);
    if (!root->is_object())
      return fail(Code::malformed_reply, "an event of the provider is not a JSON object");
    const std::string_view type = (*root)["type"].text().escaped;
    if (is_beginning(type)) return reader_.start((*root)["response"], sink);
    if (is_end(type)) return end(type, (*root)["response"], sink);
    if (type == "error" || (type.empty() && (*root)["error"].present())) return failed(*root, sink);
    return reader_.event(type, *root, sink);
  }

  Result<void> end(std::string_view type, Value response, EventSink& sink) {
    over_ = true;
    if (type != "response.failed" && type != "response.cancelled") return reader_.end(response, sink);
    return reader_.fail_with(response, sink);
  }

  Result<void> failed(Value event, EventSink& sink) {
    over_ = true;
    sink.on(canon::Failure{read_event_error(event)});
    return {};
  }

  sse::Parser parser_;
  json::Document document_;
  AnswerReader reader_;
  bool over_ = false;
};

class BodyDecoder final : public ReplyDecoder {
 public:
  Result<void> feed(std::string_view bytes, EventSink&) override {
    body_.append(bytes);
    return {};
  }

  Result<void> finish(EventSink& sink) override {
    json::Document document;
    auto root = document.parse(body_, kDepthMax);
    if (!root) return fail(Code::malformed_reply, "the provider's answer is " + root.error().message);
    Value error = (*root)["error"];
    if (error.present() && !(*root)["output"].is_array()) {
      sink.on(canon::Failure{openai::read_reply_error(error)});
      return {};
    }
    if (!(*root)["output"].is_array())
      return fail(Code::malformed_reply, "the provider's answer has no output");
    return AnswerReader().end(*root, sink);
  }

 private:
  std::string body_;
};

}  // namespace

std::unique_ptr<ReplyDecoder> make_decoder(bool stream) {
  if (stream) return std::make_unique<StreamDecoder>();
  return std::make_unique<BodyDecoder>();
}

}  // namespace hanse::openai_responses
