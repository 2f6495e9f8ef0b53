// POST /v1/embeddings.
#include "dialect/embeddings.h"

#include "dialect/openai_chat/wire.h"
#include "dialect/token_count.h"

namespace hanse::openai_chat {
namespace {

class OpenAiEmbeddings final : public Embeddings {
 public:
  std::string_view path_word(std::string_view) const override { return "embeddings"; }

  Result<std::unique_ptr<canon::EmbeddingRequest>> decode_request(json::Value root) const override {
    auto out = std::make_unique<canon::EmbeddingRequest>();
    out->model = root["model"].text();
    const json::Value input = root["input"];
    const bool tokens = input.is_array() && input.size() > 0 &&
                        ((*input.begin()).type() == json::Type::number || (*input.begin()).is_array());
    if (tokens)
      return fail(Code::unsupported, "input: tokens mean something to OpenAI's own models only; send text")
          .at("input");
    TRY_VOID(read_texts(input, "input", out->texts));
    out->single = input.is_string();
    TRY(out->dimensions, read_dimensions(root["dimensions"], "dimensions"));
    const json::Value format = root["encoding_format"];
    out->base64 = format.string() == "base64";
    if (format.present() && !out->base64 && format.string() != "float")
      return fail(Code::bad_request, "encoding_format: wanted \"float\" or \"base64\"").at("encoding_format");
    note_extras(root, {"model", "input", "dimensions", "encoding_format"}, *out);
    return out;
  }

  Result<std::string> encode_request(const canon::EmbeddingRequest& request, std::string_view model,
                                     canon::Losses& losses) const override {
    std::string out;
    json::Writer w(out);
    w.object().key("model").string(model).key("input");
    if (request.single) {
      w.text(request.texts.front());
    } else {
      w.array();
      for (json::Text text : request.texts) w.text(text);
      w.end_array();
    }
    if (request.dimensions) w.key("dimensions").number(*request.dimensions);
    w.key("encoding_format").text({"float"}).end_object();
    if (!request.purpose_path.empty()) losses.add(std::string(request.purpose_path));
    lose_extras(request, losses);
    return out;
  }

  Result<canon::EmbeddingReply> decode_reply(json::Value root) const override {
    canon::EmbeddingReply out;
    for (json::Value each : root["data"]) {
      TRY(json::Raw vector, read_vector(each["embedding"]));
      out.vectors.push_back(vector);
    }
    out.tokens = token_count(root["usage"]["prompt_tokens"]);
    return out;
  }

  std::string encode_reply(const canon::EmbeddingReply& reply, const canon::EmbeddingRequest& request,
                           std::string_view model) const override {
    std::string out;
    json::Writer w(out);
    w.object().key("object").text({"list"}).key("data").array();
    int64_t index = 0;
    for (json::Raw vector : reply.vectors) {
      w.object().key("object").text({"embedding"}).key("index").number(index++).key("embedding");
      if (request.base64)
        w.text({vector_base64(vector)});
      else
        w.raw(vector);
      w.end_object();
    }
    w.end_array().key("model").string(model).key("usage").object();
    w.key("prompt_tokens").number(std::max<int64_t>(reply.tokens, 0));
    w.key("total_tokens").number(std::max<int64_t>(reply.tokens, 0)).end_object().end_object();
    return out;
  }
};

}  // namespace

const Embeddings& embeddings() {
  static const OpenAiEmbeddings only;
  return only;
}

}  // namespace hanse::openai_chat
