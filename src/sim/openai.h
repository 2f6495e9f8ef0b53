// OpenAI's cloud: what both of its languages, Chat Completions and Responses, share is here; the second one
// overrides its own.
#pragma once

#include "sim/vendor.h"

namespace hanse::sim {

class OpenAi : public Vendor {
 public:
  std::string_view dialect() const override { return "openai-chat"; }
  std::string_view chat_path() const override { return "/v1/chat/completions"; }
  std::span<const std::string_view> models() const override;

  Check check_key(const http::RequestHead& head, std::string_view key) const override;
  Check check_request(json::Value root, bool counting) const override;

  CloudError not_json(std::string_view why) const override;
  CloudError no_model(std::string_view name) const override;
  CloudError no_path(std::string_view method, std::string_view path) const override;
  CloudError no_method(std::string_view method, std::string_view path) const override;
  CloudError error_of(int status) const override;

  std::string request_id(Random& random) const override;
  std::string error_body(const CloudError& error, std::string_view request_id) const override;
  std::string stream_error(std::string_view request_id) const override;
  std::string model_list() const override;
  std::string model_body(std::string_view name) const override;
  HeaderList headers(std::string_view request_id, int status) const override;

  bool counts_cache_writes() const override { return false; }
  bool signs_reasoning() const override { return false; }
  std::string_view answer_prefix() const override { return "chatcmpl-"; }
  std::string_view call_prefix() const override { return "call_"; }
};

}  // namespace hanse::sim
