// What OpenAI's endpoints refuse in a request, in its words.
#pragma once

#include "sim/vendor.h"

namespace hanse::sim {

Check check_openai_request(json::Value root);
Check check_responses_request(json::Value root, bool counting);

// -- the words of both
CloudError openai_invalid(std::string message, std::string param, std::string code = "");
CloudError openai_wrong_type(std::string param, std::string_view wanted, json::Value got);
CloudError openai_missing(std::string param);
struct OpenAiRange {
  std::string_view name;
  double low, high;
};
Check openai_check_range(json::Value root, std::string_view name, double low, double high);

}  // namespace hanse::sim
