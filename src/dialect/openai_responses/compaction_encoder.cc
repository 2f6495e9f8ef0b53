// The summary of a conversation as an item, behind what the user had said in it.
#include <fmt/format.h>

#include "dialect/openai_responses/compaction.h"
#include "dialect/openai_responses/response_object.h"
#include "dialect/openai_responses/wire.h"

namespace hanse::openai_responses {
namespace {

using json::Writer;

class CompactionEncoder final : public ReplyEncoder {
 public:
  explicit CompactionEncoder(const ReplyShape& shape) : shape_(shape) {}

  void on(const canon::Event& event) override {
    if (auto* text = std::get_if<canon::TextDelta>(&event))
      words_ += text->text.escaped;
    else if (auto* usage = std::get_if<canon::Usage>(&event))
      usage_.update(*usage);
    else if (auto* failure = std::get_if<canon::Failure>(&event))
      out = openai::error_body(failure->error);
    else if (std::holds_alternative<canon::Stop>(event))
      write();
  }

 private:
  void write() {
    Writer w(out);
    w.object().key("id").string("resp_" + shape_.request_id).key("object").text({"response.compaction"});
    w.key("created_at").number(shape_.now_unix).key("output").array();
    if (shape_.request) write_said(w);
    w.object().key("id").string("cmp_" + shape_.request_id).key("type").text({"compaction"});
    w.key("encrypted_content").string(write_summary(json::unescape(json::Text{words_}))).end_object();
    w.end_array().key("usage");
    write_usage(w, usage_);
    w.end_object();
  }

  // The texts of the user, but for the order to sum up, which stands last, and for older summaries.
  void write_said(Writer& w) {
    std::string head;
    json::escape(kSummaryHead, head);
    for (size_t i = 0; i + 1 < shape_.request->turns.size(); ++i) {
      const canon::Turn& turn = shape_.request->turns[i];
      if (turn.role != canon::Role::user) continue;
      std::string parts;
      Writer each(parts);
      each.array();
      bool any = false;
      for (const canon::Part& part : turn.parts) {
        auto* text = part.as<canon::TextPart>();
        if (!text || text->text.escaped.starts_with(head)) continue;
        each.object().key("type").text({"input_text"}).key("text").text(text->text).end_object();
        any = true;
      }
      each.end_array();
      if (!any) continue;
      w.object().key("id").string(fmt::format("msg_{}_{}", shape_.request_id, i));
      w.key("type")
          .text({"message"})
          .key("status")
          .text({"completed"})
          .key("content")
          .raw(std::string_view(parts));
      w.key("role").text({"user"}).end_object();
    }
  }

  const ReplyShape shape_;
  std::string words_;  // escaped
  canon::Usage usage_;
};

}  // namespace

std::unique_ptr<ReplyEncoder> make_compaction_encoder(const ReplyShape& shape) {
  return std::make_unique<CompactionEncoder>(shape);
}

}  // namespace hanse::openai_responses
