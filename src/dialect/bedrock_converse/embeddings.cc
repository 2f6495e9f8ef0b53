// Embeddings by InvokeModel, whose body is the model's maker's own: Amazon's Titan, and Cohere.
#include "dialect/embeddings.h"

#include "dialect/bedrock_converse/wire.h"
#include "dialect/token_count.h"

namespace hanse::bedrock_converse {
namespace {

using canon::EmbeddingPurpose;

// Also as an inference profile: "eu.cohere.embed-v4:0".
bool is_coheres(std::string_view model) { return model.find("cohere.embed") != std::string_view::npos; }

Result<std::string> titan_body(const canon::EmbeddingRequest& request, canon::Losses& losses) {
  if (request.texts.size() > 1) return fail(Code::unsupported, "Titan takes one text at a time");
  std::string out;
  json::Writer w(out);
  w.object().key("inputText").text(request.texts.front());
  if (request.dimensions) w.key("dimensions").number(*request.dimensions);
  w.end_object();
  if (!request.purpose_path.empty()) losses.add(std::string(request.purpose_path));
  return out;
}

std::string cohere_body(const canon::EmbeddingRequest& request, canon::Losses& losses) {
  std::string out;
  json::Writer w(out);
  w.object().key("texts").array();
  for (json::Text text : request.texts) w.text(text);
  w.end_array().key("input_type");
  switch (request.purpose) {
    case EmbeddingPurpose::query:
      w.text({"search_query"});
      break;
    case EmbeddingPurpose::classification:
      w.text({"classification"});
      break;
    case EmbeddingPurpose::clustering:
      w.text({"clustering"});
      break;
    case EmbeddingPurpose::similarity:
      losses.add(std::string(request.purpose_path));
      [[fallthrough]];
    default:  // the maker wants one
      w.text({"search_document"});
  }
  w.key("embedding_types").array().text({"float"}).end_array();
  if (request.dimensions) w.key("output_dimension").number(*request.dimensions);
  w.end_object();
  return out;
}

class BedrockEmbeddings final : public Embeddings {
 public:
  std::string_view path_word(std::string_view) const override { return "invoke"; }

  Result<std::unique_ptr<canon::EmbeddingRequest>> decode_request(json::Value) const override {
    return fail(Code::unsupported, "bodies for embedding models pass to Bedrock only");
  }

  Result<std::string> encode_request(const canon::EmbeddingRequest& request, std::string_view model,
                                     canon::Losses& losses) const override {
    lose_extras(request, losses);
    if (!is_coheres(model)) return titan_body(request, losses);
    constexpr size_t kMost = 96;
    if (request.texts.size() > kMost)
      return fail(Code::unsupported, "Cohere takes at most 96 texts at a time");
    return cohere_body(request, losses);
  }

  Result<canon::EmbeddingReply> decode_reply(json::Value root) const override {
    canon::EmbeddingReply out;
    out.tokens = token_count(root["inputTextTokenCount"]);
    if (root["embedding"].present()) {
      TRY(json::Raw vector, read_vector(root["embedding"]));
      out.vectors.push_back(vector);
      return out;
    }
    const json::Value all = root["embeddings"];
    for (json::Value each : all.is_object() ? all["float"] : all) {
      TRY(json::Raw vector, read_vector(each));
      out.vectors.push_back(vector);
    }
    return out;
  }

  std::string encode_reply(const canon::EmbeddingReply&, const canon::EmbeddingRequest&,
                           std::string_view) const override {
    return {};
  }
};

}  // namespace

const Embeddings& embeddings() {
  static const BedrockEmbeddings only;
  return only;
}

}  // namespace hanse::bedrock_converse
