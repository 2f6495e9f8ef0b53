// Cohere's errors: {"id","message"}, older ones with an "error_type". Its SDKs go by the status alone.
#include <fmt/format.h>

#include "dialect/cohere_chat/wire.h"

namespace hanse::cohere_chat {

std::string error_body(const Error& error, std::string_view request_id) {
  std::string out;
  json::Writer w(out);
  w.object().key("id").string(request_id).key("message").string(error.message);
  if (!error.field.empty()) w.key("param").string(error.field);
  w.end_object();
  return out;
}

Error read_error(int status, std::string_view body) {
  Error out(code_of_status(status), {});
  out.status = status;
  json::Document document;
  if (auto root = document.parse(body, 64)) {
    out.message = (*root)["message"].string();
    out.provider_type = (*root)["error_type"].string();
  }
  if (out.message.empty()) out.message = fmt::format("the provider answered with status {}", status);
  return out;
}

}  // namespace hanse::cohere_chat
