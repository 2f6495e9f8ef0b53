// POST /v2/embed.
#include "dialect/embeddings.h"

#include <fmt/format.h>

#include "dialect/cohere_chat/wire.h"
#include "dialect/token_count.h"

namespace hanse::cohere_chat {
namespace {

using canon::EmbeddingPurpose;

constexpr std::pair<std::string_view, EmbeddingPurpose> kPurposes[] = {
    {"search_document", EmbeddingPurpose::document},
    {"search_query", EmbeddingPurpose::query},
    {"classification", EmbeddingPurpose::classification},
    {"clustering", EmbeddingPurpose::clustering},
};

class CohereEmbeddings final : public Embeddings {
 public:
  std::string_view path_word(std::string_view) const override { return "embed"; }

  Result<std::unique_ptr<canon::EmbeddingRequest>> decode_request(json::Value root) const override {
    auto out = std::make_unique<canon::EmbeddingRequest>();
    out->model = root["model"].text();
    for (std::string_view path : {"images", "inputs"})
      if (root[path].present())
        return fail(Code::unsupported, fmt::format("{}: the model that would answer embeds texts only", path))
            .at(std::string(path));
    TRY_VOID(read_texts(root["texts"], "texts", out->texts));
    TRY(out->dimensions, read_dimensions(root["output_dimension"], "output_dimension"));
    for (json::Value type : root["embedding_types"])
      if (type.string() != "float")
        return fail(Code::unsupported, "embedding_types: the model that would answer gives float only")
            .at("embedding_types");
    const std::string purpose = root["input_type"].string();
    if (!purpose.empty()) out->purpose_path = "input_type";
    for (const auto& [name, known] : kPurposes)
      if (name == purpose) out->purpose = known;
    note_extras(root, {"model", "texts", "output_dimension", "embedding_types", "input_type"}, *out);
    return out;
  }

  // The language wants a purpose: what others leave unsaid is a text to be found.
  Result<std::string> encode_request(const canon::EmbeddingRequest& request, std::string_view model,
                                     canon::Losses& losses) const override {
    constexpr size_t kMost = 96;
    if (request.texts.size() > kMost)
      return fail(Code::unsupported, fmt::format("Cohere takes at most {} texts at a time", kMost));
    std::string_view type = kPurposes[0].first;
    for (const auto& [name, known] : kPurposes)
      if (known == request.purpose) type = name;
    if (request.purpose == EmbeddingPurpose::similarity) losses.add(std::string(request.purpose_path));
    std::string out;
    json::Writer w(out);
    w.object().key("model").string(model).key("texts").array();
    for (json::Text text : request.texts) w.text(text);
    w.end_array().key("input_type").string(type).key("embedding_types").array().text({"float"}).end_array();
    if (request.dimensions) w.key("output_dimension").number(*request.dimensions);
    w.end_object();
    lose_extras(request, losses);
    return out;
  }

  Result<canon::EmbeddingReply> decode_reply(json::Value root) const override {
    canon::EmbeddingReply out;
    out.id = root["id"].text();
    for (json::Value each : root["embeddings"]["float"]) {
      TRY(json::Raw vector, read_vector(each));
      out.vectors.push_back(vector);
    }
    out.tokens = token_count(root["meta"]["billed_units"]["input_tokens"]);
    return out;
  }

  std::string encode_reply(const canon::EmbeddingReply& reply, const canon::EmbeddingRequest& request,
                           std::string_view) const override {
    std::string out;
    json::Writer w(out);
    w.object().key("id").text(reply.id).key("embeddings").object().key("float").array();
    for (json::Raw vector : reply.vectors) w.raw(vector);
    w.end_array().end_object().key("texts").array();
    for (json::Text text : request.texts) w.text(text);
    w.end_array().key("meta").object().key("api_version").object().key("version").text({"2"}).end_object();
    if (reply.tokens >= 0)
      w.key("billed_units").object().key("input_tokens").number(reply.tokens).end_object();
    w.end_object().key("response_type").text({"embeddings_by_type"}).end_object();
    return out;
  }
};

}  // namespace

const Embeddings& embeddings() {
  static const CohereEmbeddings only;
  return only;
}

}  // namespace hanse::cohere_chat
