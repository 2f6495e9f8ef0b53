// The Responses language of OpenAI's cloud. It keeps nothing: going on from an answer is refused, as the real
// service refuses an id that it doesn't know.
#include "sim/openai.h"
#include "sim/openai_rules.h"

namespace hanse::sim {
namespace {

class OpenAiResponses final : public OpenAi {
 public:
  std::string_view dialect() const override { return "openai-responses"; }
  std::string_view chat_path() const override { return "/v1/responses"; }
  std::string_view count_path() const override { return "/v1/responses/input_tokens"; }
  Check check_request(json::Value root, bool counting) const override {
    return check_responses_request(root, counting);
  }
  std::string count_body(int64_t tokens) const override {
    return fmt::format(R"({{"object":"response.input_tokens","input_tokens":{}}})", tokens);
  }
  // Inside a stream the error is an event, without the envelope.
  std::string stream_error(std::string_view) const override {
    std::string out = "event: error\ndata: ";
    json::Writer w(out);
    w.object().key("type").string("error").key("sequence_number").number(99);
    w.key("code").string("server_error").key("message").string(error_of(500).message);
    w.key("param").null().end_object();
    return out.append("\n\n");
  }
  bool signs_reasoning() const override { return true; }
  std::string_view proof_prefix() const override { return "openai-responses:rs_sim:"; }
  std::string_view answer_prefix() const override { return "resp_"; }
};

}  // namespace

const Vendor& openai_responses() {
  static const OpenAiResponses cloud;
  return cloud;
}

}  // namespace hanse::sim
