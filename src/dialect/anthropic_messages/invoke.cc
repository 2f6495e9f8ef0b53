#include "dialect/anthropic_messages/invoke.h"

#include "dialect/anthropic_messages/dialect.h"
#include "dialect/anthropic_messages/invoke_stream.h"
#include "dialect/anthropic_messages/wire.h"
#include "dialect/aws_error.h"
#include "dialect/frame/event_stream.h"

namespace hanse::anthropic_messages {
namespace {

constexpr std::string_view kVersion = "bedrock-2023-05-31";

constexpr ClientPath kPaths[] = {
    {"/model/{model}/invoke", Operation::chat, ClientPath::Streams::never},
    {"/model/{model}/invoke-with-response-stream", Operation::chat, ClientPath::Streams::always},
};

class BedrockInvoke final : public Dialect {
 public:
  std::string_view name() const override { return "bedrock-invoke"; }
  std::span<const ClientPath> paths() const override { return kPaths; }

  // The path says all of it. Usage is always part of these streams.
  Peek peek(json::Value) const override { return {{}, false, true}; }
  Result<std::unique_ptr<canon::Request>> decode_request(json::Value root) const override {
    return anthropic_messages::decode_request(root, true);
  }
  std::unique_ptr<ReplyEncoder> reply_encoder(const ReplyShape& shape) const override {
    return shape.stream ? make_invoke_encoder(shape) : make_reply_encoder(shape);
  }
  std::string encode_error(const Error& error, std::string_view) const override {
    return aws_error::error_body(error);
  }
  int client_status(const Error& error) const override { return aws_error::client_status(error); }
  HeaderList error_headers(const Error& error) const override {
    return {{"x-amzn-errortype", std::string(aws_error::exception_name(error))}};
  }
  std::string encode_stream_error(const Error& error, std::string_view) const override {
    return aws_error::exception_frame(error);
  }
  std::string encode_models(std::span<const ModelInfo> models) const override {
    return dialect().encode_models(models);  // has no path of its own
  }
  std::string_view request_id_header() const override { return "x-amzn-requestid"; }

  StreamFrame stream_frame() const override { return {event_stream::kContentType, end_of_last_frame}; }
  Result<std::string> write_request(const canon::Request& request, const Target& target,
                                    canon::Losses& losses) const override {
    return anthropic_messages::write_request(request, target, losses, {kVersion});
  }
  std::unique_ptr<ReplyDecoder> reply_decoder(bool stream) const override {
    return stream ? make_invoke_decoder() : make_reply_decoder(false);
  }
  Error decode_error(int status, std::string_view body) const override {
    return aws_error::read_error(status, body);
  }
  std::unique_ptr<ReplyWatcher> reply_watcher(bool stream) const override {
    return make_invoke_watcher(stream);
  }
};

}  // namespace

const Dialect& invoke_dialect() {
  static const BedrockInvoke it;
  return it;
}

}  // namespace hanse::anthropic_messages
