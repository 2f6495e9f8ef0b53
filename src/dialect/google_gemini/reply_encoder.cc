// Events as an answer for a client: as a stream (server-sent events, or one JSON array) of which each chunk
// is an answer by itself, or as one body. What is the same in every chunk is made once, at the start.
#include "dialect/google_gemini/reply_parts.h"

namespace hanse::google_gemini {
namespace {

using json::Text;

void write_end(json::Writer& out, std::string_view reason, std::string_view message) {
  out.key("finishReason").string(reason).key("index").number(0);
  if (!message.empty()) out.key("finishMessage").text({message});
}

class StreamEncoder final : public PartsEncoder {
 public:
  using PartsEncoder::PartsEncoder;

 private:
  void begin(const canon::Start&) override {
    before_ = R"({"candidates":[{"content":{"parts":[)";
    behind_.clear();
    json::Writer names(behind_);
    names.object();
    write_names(names);
    names.end_object();
    names_ = "," + behind_.substr(1);
    behind_ = R"(],"role":"model"},"index":0}])" + names_ + std::string(ending());
    text_before_ = std::string(opening()) + before_ + R"({"text":")";
    text_behind_ = "\"}" + behind_;
    thought_behind_ = R"(","thought":true})" + behind_;
  }
  void text(Text text, bool thought) override {
    if (array_) separate();
    out.append(text_before_).append(text.escaped).append(thought ? thought_behind_ : text_behind_);
  }
  void part(std::string_view json) override {
    if (array_) separate();
    out.append(opening()).append(before_).append(json).append(behind_);
  }
  void stop(std::string_view reason, std::string_view message) override {
    if (array_) separate();
    out.append(opening()).append(before_).append(R"({"text":""}],"role":"model"},)");
    json::Writer writer(out);
    write_end(writer, reason, message);
    out += "}]";
    if (usage_.known()) {
      out += ",\"usageMetadata\":";
      json::Writer usage(out);
      write_usage(usage, usage_);
    }
    out.append(names_).append(ending());
    if (array_) out += "]\n";
  }
  void failure(const Error& error) override {
    if (array_) separate();
    out.append(opening()).append(encode_error(error)).append(ending());
    if (array_) out += "]\n";
  }

  std::string_view opening() const { return array_ ? "" : "data: "; }
  std::string_view ending() const { return array_ ? "\n" : "\n\n"; }
  // The elements of the array.
  void separate() { out += std::exchange(first_, false) ? "[" : ","; }

  const bool array_ = !asks_for_events(shape_.query);
  bool first_ = true;
  std::string before_, behind_;  // of the parts of a chunk
  std::string names_;            // behind the candidates
  std::string text_before_, text_behind_, thought_behind_;
};

class BodyEncoder final : public PartsEncoder {
 public:
  using PartsEncoder::PartsEncoder;

 private:
  enum class Open : uint8_t { none, text, thought };

  void begin(const canon::Start&) override {}
  void text(Text text, bool thought) override {
    const Open wanted = thought ? Open::thought : Open::text;
    if (open_ != wanted) {
      close();
      separate();
      parts_ += R"({"text":")";
      open_ = wanted;
    }
    parts_ += text.escaped;
  }
  void part(std::string_view json) override {
    close();
    separate();
    parts_ += json;
  }
  void close() {
    if (open_ != Open::none) parts_ += open_ == Open::thought ? R"(","thought":true})" : "\"}";
    open_ = Open::none;
  }
  void separate() {
    if (!parts_.empty()) parts_ += ',';
  }
  void stop(std::string_view reason, std::string_view message) override {
    close();
    json::Writer writer(out);
    writer.object().key("candidates").array().object().key("content").object();
    if (!parts_.empty()) writer.key("parts").raw("[" + parts_ + "]");
    writer.key("role").string("model").end_object();
    write_end(writer, reason, message);
    writer.end_object().end_array();
    if (usage_.known()) {
      writer.key("usageMetadata");
      write_usage(writer, usage_);
    }
    write_names(writer);
    writer.end_object();
  }
  void failure(const Error& error) override { out = encode_error(error); }

  Open open_ = Open::none;
  std::string parts_;
};

}  // namespace

std::unique_ptr<ReplyEncoder> make_reply_encoder(const ReplyShape& shape) {
  if (shape.stream) return std::make_unique<StreamEncoder>(shape);
  return std::make_unique<BodyEncoder>(shape);
}

}  // namespace hanse::google_gemini
