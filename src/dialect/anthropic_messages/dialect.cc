#include "dialect/anthropic_messages/dialect.h"

#include "dialect/anthropic_messages/wire.h"

namespace hanse::anthropic_messages {
namespace {

constexpr ClientPath kPaths[] = {
    {"/v1/messages"},
    {"/v1/messages/count_tokens", Operation::count_tokens},
    {"/v1/models", Operation::models},
    {"/v1/models/{model}", Operation::model},
};

// 2026-01-31T09:30:00Z, as the vendor writes times.
std::string rfc3339(int64_t unix_seconds) {
  using namespace std::chrono;
  sys_seconds time{seconds(unix_seconds)};
  sys_days day = floor<days>(time);
  year_month_day date(day);
  hh_mm_ss clock(time - day);
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}Z", static_cast<int>(date.year()),
                     static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                     clock.hours().count(), clock.minutes().count(), clock.seconds().count());
}

void write_model(json::Writer& out, const ModelInfo& model) {
  out.object().key("type").string("model").key("id").string(model.id);
  out.key("display_name").string(model.id);
  out.key("created_at").string(rfc3339(model.created)).end_object();
}

class AnthropicMessages final : public Dialect {
 public:
  std::string_view name() const override { return "anthropic-messages"; }
  std::span<const ClientPath> paths() const override { return kPaths; }
  std::string_view sign_header() const override { return "anthropic-version"; }

  Peek peek(json::Value root) const override {
    // Usage is always part of this dialect's streams.
    bool stream = root["stream"].boolean().value_or(false);
    return {root["model"], stream, stream};
  }
  Result<std::unique_ptr<canon::Request>> decode_request(json::Value root) const override {
    return anthropic_messages::decode_request(root);
  }
  std::unique_ptr<ReplyEncoder> reply_encoder(const ReplyShape& shape) const override {
    return make_reply_encoder(shape);
  }
  std::string encode_error(const Error& error, std::string_view request_id) const override {
    return anthropic_messages::encode_error(error, request_id);
  }
  int client_status(const Error& error) const override { return anthropic_messages::client_status(error); }
  std::string encode_stream_error(const Error& error, std::string_view request_id) const override {
    return "event: error\ndata: " + encode_error(error, request_id) + "\n\n";
  }
  std::string encode_models(std::span<const ModelInfo> models) const override {
    std::string out;
    json::Writer writer(out);
    writer.object().key("data").array();
    for (const auto& model : models) write_model(writer, model);
    writer.end_array().key("has_more").boolean(false);
    auto id = [&](std::string_view key, const ModelInfo* model) {
      writer.key(key);
      if (model)
        writer.string(model->id);
      else
        writer.null();
    };
    id("first_id", models.empty() ? nullptr : &models.front());
    id("last_id", models.empty() ? nullptr : &models.back());
    writer.end_object();
    return out;
  }
  std::string encode_model(const ModelInfo& model) const override {
    std::string out;
    json::Writer writer(out);
    write_model(writer, model);
    return out;
  }
  std::string encode_token_count(int64_t tokens) const override {
    return fmt::format("{{\"input_tokens\":{}}}", tokens);
  }
  std::string_view request_id_header() const override { return "request-id"; }

  Result<std::string> write_request(const canon::Request& request, const Target& target,
                                    canon::Losses& losses) const override {
    return anthropic_messages::write_request(request, target, losses);
  }
  std::unique_ptr<ReplyDecoder> reply_decoder(bool stream) const override {
    return make_reply_decoder(stream);
  }
  Error decode_error(int status, std::string_view body) const override {
    return anthropic_messages::decode_error(status, body);
  }

  std::unique_ptr<ReplyWatcher> reply_watcher(bool stream) const override {
    return make_reply_watcher(stream);
  }
};

}  // namespace

const Dialect& dialect() {
  static const AnthropicMessages it;
  return it;
}

}  // namespace hanse::anthropic_messages
