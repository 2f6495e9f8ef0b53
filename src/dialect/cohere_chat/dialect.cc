#include "dialect/cohere_chat/dialect.h"

#include "dialect/cohere_chat/wire.h"
#include "dialect/embeddings.h"

namespace hanse::cohere_chat {
namespace {

constexpr ClientPath kPaths[] = {
    {"/v2/chat"},
    {"/v2/embed", Operation::embeddings},
};

class CohereChat final : public Dialect {
 public:
  std::string_view name() const override { return "cohere-chat"; }
  std::span<const ClientPath> paths() const override { return kPaths; }

  Peek peek(json::Value root) const override {
    // Usage is always part of this dialect's streams.
    return {root["model"], root["stream"].boolean().value_or(false), true};
  }
  Result<std::unique_ptr<canon::Request>> decode_request(json::Value root) const override {
    return cohere_chat::decode_request(root);
  }
  std::unique_ptr<ReplyEncoder> reply_encoder(const ReplyShape& shape) const override {
    return make_encoder(shape);
  }
  std::string encode_error(const Error& error, std::string_view request_id) const override {
    return error_body(error, request_id);
  }
  int client_status(const Error& error) const override {
    int status = error.http_status();
    return status == 529 ? 503 : status;  // Anthropic's own
  }
  // The vendor ends a failed stream with a reason that says so; [DONE] doesn't follow.
  std::string encode_stream_error(const Error& error, std::string_view) const override {
    std::string out = "event: message-end\ndata: ";
    json::Writer w(out);
    w.object().key("type").text({"message-end"}).key("delta").object().key("error").string(error.message);
    w.key("finish_reason").text({"ERROR"}).end_object().end_object();
    return out += "\n\n";
  }
  std::string encode_models(std::span<const ModelInfo> models) const override {
    std::string out;
    json::Writer w(out);
    w.object().key("models").array();
    for (const ModelInfo& model : models) w.raw(encode_model(model));
    w.end_array().end_object();
    return out;
  }
  std::string encode_model(const ModelInfo& model) const override {
    std::string out;
    json::Writer w(out);
    w.object().key("name").string(model.id).key("endpoints").array().text({"chat"}).end_array().end_object();
    return out;
  }

  const Embeddings* embeddings() const override { return &cohere_chat::embeddings(); }
  Result<std::string> write_request(const canon::Request& request, const Target& target,
                                    canon::Losses& losses) const override {
    return cohere_chat::write_request(request, target, losses);
  }
  std::unique_ptr<ReplyDecoder> reply_decoder(bool stream) const override { return make_decoder(stream); }
  Error decode_error(int status, std::string_view body) const override { return read_error(status, body); }
  std::unique_ptr<ReplyWatcher> reply_watcher(bool stream) const override { return make_watcher(stream); }
};

}  // namespace

const Dialect& dialect() {
  static const CohereChat it;
  return it;
}

}  // namespace hanse::cohere_chat
