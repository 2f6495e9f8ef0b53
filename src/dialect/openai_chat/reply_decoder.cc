// A provider's answer, streamed or whole, read into events. Of several choices the first is read.
#include "dialect/frame/sse.h"
#include "dialect/openai_chat/chunk_template.h"
#include "dialect/openai_chat/message_reader.h"
#include "dialect/openai_chat/wire.h"

namespace hanse::openai_chat {
namespace {

using canon::EventSink;
using json::Value;

constexpr int kDepthMax = 128;

class StreamDecoder final : public ReplyDecoder {
 public:
  Result<void> feed(std::string_view bytes, EventSink& sink) override {
    return parser_.feed(bytes, [&](sse::Event event) { return on_event(event.data, sink); });
  }

  Result<void> finish(EventSink& sink) override {
    TRY_VOID(parser_.finish([&](sse::Event event) { return on_event(event.data, sink); }));
    if (!over_ && !reader_.finished())
      return fail(Code::malformed_reply, "the provider's stream ended before the answer was whole");
    return over_ ? Result<void>() : end(sink);
  }

 private:
  Result<void> on_event(std::string_view data, EventSink& sink) {
    if (over_ || data.empty()) return {};
    if (auto text = template_.match(data)) {
      piece_.tell(*text, sink);
      return {};
    }
    if (data == "[DONE]") return end(sink);
    auto root = document_.parse(data, kDepthMax);
    if (!root) return fail(Code::malformed_reply, "an event of the provider is " + root.error().message);
    if (!root->is_object())
      return fail(Code::malformed_reply, "an event of the provider is not a JSON object");
    return chunk(*root, data, sink);
  }

  Result<void> chunk(Value root, std::string_view data, EventSink& sink) {
    Value usage = find_usage(root);
    if (Value error = root["error"]; error.present()) {
      over_ = true;
      if (!usage.missing()) sink.on(read_usage(usage));  // what it cost all the same
      sink.on(canon::Failure{read_stream_error(error)});
      return {};
    }
    reader_.start(root, sink);
    size_t read = 0;
    for (Value choice : root["choices"]) {
      if (choice["index"].integer().value_or(0) != 0) continue;
      TRY_VOID(reader_.message(choice["delta"], sink));
      reader_.finish_reason(choice);
      ++read;
    }
    if (!usage.missing()) sink.on(read_usage(usage));
    piece_ = reader_.piece();
    if (read == 1 && usage.missing() && !reader_.finished() && piece_.kind != Piece::Kind::none)
      template_.learn(data, piece_.token);
    else
      template_.forget();
    return {};
  }

  // Some servers (Snowflake's) say [DONE] and no finish reason; saying neither is no end.
  Result<void> end(EventSink& sink) {
    if (!reader_.started()) return fail(Code::malformed_reply, "the provider's stream has no answer in it");
    over_ = true;
    return reader_.stop(sink);
  }

  sse::Parser parser_;
  json::Document document_;
  MessageReader reader_{false};
  ChunkTemplate template_;
  Piece piece_;  // what chunks of the template give
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
    if (Value error = (*root)["error"]; error.present()) {
      sink.on(canon::Failure{read_stream_error(error)});
      return {};
    }
    Value choices = (*root)["choices"];
    Value choice = choices.is_array() && choices.size() ? *choices.begin() : Value();
    // Azure leaves the message out when its filter took all of it.
    if (!choice["message"].is_object() && !choice["finish_reason"].is_string())
      return fail(Code::malformed_reply, "the provider's answer has no choices with a message");
    MessageReader reader(true);
    reader.start(*root, sink);
    TRY_VOID(reader.message(choice["message"], sink));
    reader.finish_reason(choice);
    Value usage = find_usage(*root);
    if (!usage.missing()) sink.on(read_usage(usage));
    return reader.stop(sink);
  }

 private:
  std::string body_;
};

}  // namespace

std::unique_ptr<ReplyDecoder> make_decoder(bool stream) {
  if (stream) return std::make_unique<StreamDecoder>();
  return std::make_unique<BodyDecoder>();
}

}  // namespace hanse::openai_chat
