// A provider's answer as events: a stream chunk by chunk, as server-sent events or as one JSON array,
// whichever it begins as; a whole body at its end.
#include "dialect/frame/json_array.h"
#include "dialect/frame/sse.h"
#include "dialect/google_gemini/answer_reader.h"
#include "dialect/google_gemini/chunk_form.h"
#include "dialect/google_gemini/wire.h"

namespace hanse::google_gemini {
namespace {

using canon::EventSink;

constexpr int kDepthMax = 128;

class StreamDecoder final : public ReplyDecoder {
 public:
  Result<void> feed(std::string_view bytes, EventSink& sink) override {
    if (frame_ == Frame::unknown) {
      size_t at = bytes.find_first_not_of(" \t\r\n");
      if (at == std::string_view::npos) return {};
      bytes.remove_prefix(at);
      frame_ = bytes.front() == '[' ? Frame::array : Frame::events;
    }
    auto take = [&](std::string_view chunk) { return on_chunk(chunk, sink); };
    if (frame_ == Frame::array) return array_.feed(bytes, take);
    return events_.feed(bytes, [&](sse::Event event) { return take(event.data); });
  }

  Result<void> finish(EventSink& sink) override {
    if (frame_ == Frame::array && !reader_.over()) TRY_VOID(array_.finish());
    TRY_VOID(events_.finish([&](sse::Event event) { return on_chunk(event.data, sink); }));
    return reader_.over() ? Result<void>() : reader_.stop(sink, true);
  }

 private:
  enum class Frame : uint8_t { unknown, events, array };

  Result<void> on_chunk(std::string_view bytes, EventSink& sink) {
    if (reader_.over() || bytes.empty()) return {};
    if (auto piece = form_.match(bytes, reader_.usage())) {
      reader_.piece(*piece, sink);
      return {};
    }
    auto root = document_.parse(bytes, kDepthMax);
    if (!root) return fail(Code::malformed_reply, "an event of the provider is " + root.error().message);
    TRY_VOID(reader_.chunk(*root, sink));
    form_.learn(bytes, *root);
    return {};
  }

  Frame frame_ = Frame::unknown;
  sse::Parser events_;
  json_array::Parser array_;
  json::Document document_;
  AnswerReader reader_;
  ChunkForm form_;
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
    AnswerReader reader;
    if (!root->is_array()) TRY_VOID(reader.chunk(*root, sink));
    if (root->is_array())  // a stream where a body was wanted
      for (json::Value each : *root)
        if (!reader.over()) TRY_VOID(reader.chunk(each, sink));
    return reader.over() ? Result<void>() : reader.stop(sink, root->is_array());
  }

 private:
  std::string body_;
};

}  // namespace

std::unique_ptr<ReplyDecoder> make_reply_decoder(bool stream) {
  if (stream) return std::make_unique<StreamDecoder>();
  return std::make_unique<BodyDecoder>();
}

}  // namespace hanse::google_gemini
