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
    Value found = find_usage(root), choices = root["choices"];
    if (!found.missing()) update_usage(usage_, found);
    if (Value error = find_error(root); !error.missing()) {
      over_ = true;
      if (!found.missing()) sink.on(usage_);  // what it cost all the same
      sink.on(canon::Failure{openai::read_reply_error(error)});
      return {};
    }
    if (!choices.is_array() && (choices.present() || found.missing()))
      return fail(Code::malformed_reply, "an event of the provider is no part of an answer");
    TRY_VOID(reader_.start(root, sink));
    TRY(size_t read, first_choice(choices, sink));
    if (!found.missing()) sink.on(usage_);
    piece_ = reader_.piece();
    if (read == 1 && found.missing() && !reader_.finished() && piece_.kind != Piece::Kind::none)
      template_.learn(data, piece_.token);
    else
      template_.forget();
    return {};
  }

  // How often it came.
  Result<size_t> first_choice(Value choices, EventSink& sink) {
    size_t read = 0;
    for (Value choice : choices) {
      if (!choice.is_object()) return fail(Code::malformed_reply, "a choice of the provider is no object");
      if (choice["index"].integer().value_or(0) != 0) continue;
      TRY_VOID(reader_.message(choice["delta"], sink));
      TRY_VOID(reader_.finish_reason(choice));
      ++read;
    }
    return read;
  }

  // Some servers (Snowflake's) say [DONE] and no finish reason; saying neither, or nothing at all, is no end.
  Result<void> end(EventSink& sink) {
    if (!reader_.started() || (!reader_.finished() && !reader_.said_anything()))
      return fail(Code::malformed_reply, "the provider's stream has no answer in it");
    over_ = true;
    return reader_.stop(sink);
  }

  sse::Parser parser_;
  json::Document document_;
  MessageReader reader_{false};
  ChunkTemplate template_;
  Piece piece_;  // what chunks of the template give
  canon::Usage usage_;
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
    canon::Usage usage;
    Value found = find_usage(*root);
    if (!found.missing()) update_usage(usage, found);
    if (Value error = find_error(*root); !error.missing()) {
      if (!found.missing()) sink.on(usage);
      sink.on(canon::Failure{openai::read_reply_error(error)});
      return {};
    }
    Value choices = (*root)["choices"];
    Value choice = choices.is_array() && choices.size() ? *choices.begin() : Value();
    // Azure leaves the message out when its filter took all of it.
    if (!choice["message"].is_object() && !choice["finish_reason"].is_string())
      return fail(Code::malformed_reply, "the provider's answer has no choices with a message");
    MessageReader reader(true);
    TRY_VOID(reader.start(*root, sink));
    TRY_VOID(reader.message(choice["message"], sink));
    TRY_VOID(reader.finish_reason(choice));
    if (!found.missing()) sink.on(usage);
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
