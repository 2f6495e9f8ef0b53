// models.embedContent and models.batchEmbedContents. Providers are asked by the batch.
#include "dialect/embeddings.h"

#include <fmt/format.h>

#include "dialect/google_gemini/wire.h"
#include "dialect/token_count.h"

namespace hanse::google_gemini {
namespace {

using canon::EmbeddingPurpose;

constexpr std::pair<std::string_view, EmbeddingPurpose> kPurposes[] = {
    {"RETRIEVAL_QUERY", EmbeddingPurpose::query},          {"RETRIEVAL_DOCUMENT", EmbeddingPurpose::document},
    {"CLASSIFICATION", EmbeddingPurpose::classification},  {"CLUSTERING", EmbeddingPurpose::clustering},
    {"SEMANTIC_SIMILARITY", EmbeddingPurpose::similarity},
};

// One text of `content`: the parts of a message stand together.
Result<json::Text> read_content(json::Value content, const std::string& path, Arena& arena) {
  const json::Value parts = content["parts"];
  std::string joined;
  for (json::Value part : parts) {
    if (!part["text"].is_string())
      return fail(Code::unsupported, path + ".parts: only texts are embedded by the model that would answer")
          .at(path + ".parts");
    joined += part["text"].text().escaped;
  }
  if (parts.size() == 1) return (*parts.begin())["text"].text();
  if (!parts.is_array() || parts.size() == 0)
    return fail(Code::bad_request, path + ".parts: wanted a list of parts").at(path + ".parts");
  return json::Text{arena.copy(joined)};
}

struct Options {
  std::optional<int64_t> dimensions;
  EmbeddingPurpose purpose = EmbeddingPurpose::unsaid;
  bool has_purpose = false;
};

class GeminiEmbeddings final : public Embeddings {
 public:
  std::string_view path_word(std::string_view) const override { return "batchEmbedContents"; }

  Result<std::unique_ptr<canon::EmbeddingRequest>> decode_request(json::Value root) const override {
    auto out = std::make_unique<canon::EmbeddingRequest>();
    const json::Value requests = root["requests"];
    out->single = !requests.present();
    if (out->single) {
      TRY_VOID(read_one(root, "", *out, true));
      return out;
    }
    if (!requests.is_array() || requests.size() == 0)
      return fail(Code::bad_request, "requests: wanted a list of requests").at("requests");
    size_t index = 0;
    for (json::Value each : requests) {
      TRY_VOID(read_one(each, fmt::format("requests[{}].", index), *out, index == 0));
      ++index;
    }
    note_extras(root, {"requests", "model"}, *out);
    return out;
  }

  Result<std::string> encode_request(const canon::EmbeddingRequest& request, std::string_view model,
                                     canon::Losses& losses) const override {
    constexpr size_t kMost = 100;
    if (request.texts.size() > kMost)
      return fail(Code::unsupported, fmt::format("Gemini takes at most {} texts at a time", kMost));
    std::string out;
    json::Writer w(out);
    w.object().key("requests").array();
    for (json::Text text : request.texts) {
      w.object().key("model").string(fmt::format("models/{}", model)).key("content").object();
      w.key("parts").array().object().key("text").text(text).end_object().end_array().end_object();
      for (const auto& [name, purpose] : kPurposes)
        if (purpose == request.purpose) w.key("taskType").string(name);
      if (request.dimensions) w.key("outputDimensionality").number(*request.dimensions);
      w.end_object();
    }
    w.end_array().end_object();
    lose_extras(request, losses);
    return out;
  }

  Result<canon::EmbeddingReply> decode_reply(json::Value root) const override {
    canon::EmbeddingReply out;
    for (json::Value each : root["embeddings"]) {
      TRY(json::Raw vector, read_vector(each["values"]));
      out.vectors.push_back(vector);
    }
    out.tokens = token_count(root["usageMetadata"]["promptTokenCount"]);
    return out;
  }

  std::string encode_reply(const canon::EmbeddingReply& reply, const canon::EmbeddingRequest& request,
                           std::string_view) const override {
    std::string out;
    json::Writer w(out);
    w.object();
    if (request.single) {
      w.key("embedding").object().key("values").raw(reply.vectors.front()).end_object();
    } else {
      w.key("embeddings").array();
      for (json::Raw vector : reply.vectors) w.object().key("values").raw(vector).end_object();
      w.end_array();
    }
    w.end_object();
    return out;
  }

 private:
  // Of a batch the options must be the same for all, as nobody else has them for each.
  static Result<void> read_one(json::Value one, const std::string& path, canon::EmbeddingRequest& out,
                               bool first) {
    TRY(json::Text text, read_content(one["content"], path + "content", out.arena));
    out.texts.push_back(text);
    TRY(auto dimensions, read_dimensions(one["outputDimensionality"], "outputDimensionality"));
    const std::string task = one["taskType"].string();
    EmbeddingPurpose purpose = EmbeddingPurpose::unsaid;
    for (const auto& [name, known] : kPurposes)
      if (name == task) purpose = known;
    if (first) {
      out.dimensions = dimensions;
      out.purpose = purpose;
      if (!task.empty()) out.purpose_path = "taskType";
      note_extras(one, {"model", "content", "outputDimensionality", "taskType"}, out);
      return {};
    }
    if (dimensions != out.dimensions || purpose != out.purpose)
      return fail(Code::unsupported, path.substr(0, path.size() - 1) +
                                         ": the model that would answer takes one taskType and "
                                         "outputDimensionality for all of a batch")
          .at(path.substr(0, path.size() - 1));
    return {};
  }
};

}  // namespace

const Embeddings& embeddings() {
  static const GeminiEmbeddings only;
  return only;
}

}  // namespace hanse::google_gemini
