#include "gateway/provider_request.h"

#include "base/bytes.h"
#include "net/status.h"

namespace hanse::gateway {
namespace {

// Of a client's headers only these go to a provider of the same dialect: the vendors' own switches.
// Everything else (credentials, cookies, SDK telemetry, hop-by-hop, what a reverse proxy added) stays here.
bool is_forwarded(std::string_view name) {
  auto starts = [&](std::string_view prefix) {
    return name.size() >= prefix.size() && equal_ignoring_case(name.substr(0, prefix.size()), prefix);
  };
  switch (name.empty() ? 0 : name[0] | 0x20) {
    case 'a':
      return starts("anthropic-");
    case 'o':
      return starts("openai-");
    case 'i':
      return equal_ignoring_case(name, "idempotency-key");
    case 'x':
      return equal_ignoring_case(name, "x-client-request-id");
    default:
      return false;
  }
}

void append_header(std::string& out, std::string_view name, std::string_view value) {
  out.append(name).append(": ");
  net::append_header_value(value, out);
  out.append("\r\n");
}

void append_headers(std::string& out, const CallState& call, const catalog::Provider& provider,
                    bool same_dialect) {
  const auto& client = call.exchange.head().headers;
  if (same_dialect)
    for (const auto& field : client)
      if (is_forwarded(field.name)) append_header(out, field.name, field.value);
  for (const auto& [name, value] : provider.headers)
    if (!same_dialect || !client.find(name)) append_header(out, name, value);
}

Result<std::string> translate(CallState& call, const ProviderAccess& access, const catalog::Offer& offer,
                              canon::Losses& losses) {
  if (!call.request) {
    TRY(json::Value root,
        json::scratch().parse(call.body, static_cast<int>(call.view->snapshot->limits.json_depth)));
    TRY(call.request, call.dialect->decode_request(root));
  }
  Target target{.model = offer.model,
                .output_tokens_max_default = access.provider->output_tokens_max_default,
                .official = access.provider->row.official};
  TRY(std::string body, access.dialect->encode_request(*call.request, target, losses));
  if (call.strict && !losses.empty()) {
    std::string paths;
    for (const auto& path : losses.paths()) paths += (paths.empty() ? "" : ", ") + path;
    return fail(Code::unsupported, "the model that would answer can't take: " + paths)
        .at(losses.paths().front());
  }
  return body;
}

}  // namespace

std::string provider_head(const catalog::Provider& provider, std::string_view method,
                          std::string_view target) {
  std::string out(method);
  out.append(" ").append(target).append(" HTTP/1.1\r\n");
  append_header(out, "host", provider.url.host_header());
  if (method == "POST") append_header(out, "content-type", "application/json");
  append_header(out, "accept", "application/json, text/event-stream");
  append_header(out, "accept-encoding", "identity");
  append_header(out, "user-agent", "hanse");
  if (auto [name, value] = provider.credential_header(); !name.empty()) append_header(out, name, value);
  return out;
}

Result<ProviderRequest> ProviderRequest::build(CallState& call, const ProviderAccess& access,
                                               const catalog::Offer& offer) {
  ProviderRequest out;
  const bool same_dialect = access.dialect == call.dialect;
  if (same_dialect) {
    auto at = static_cast<size_t>(call.model_token.data() - call.body.data());
    out.before_ = call.body.substr(0, at);
    out.behind_ = call.body.substr(at + call.model_token.size());
    out.model_ = "\"";
    json::escape(offer.model, out.model_);
    out.model_ += '"';
  } else {
    TRY(out.model_, translate(call, access, offer, out.losses_));
  }
  out.body_size_ = out.before_.size() + out.model_.size() + out.behind_.size();
  out.head_.reserve(access.head.size() + 256);
  out.head_ = access.head;
  append_headers(out.head_, call, *access.provider, same_dialect);
  out.head_.append("content-length: ").append(std::to_string(out.body_size_)).append("\r\n\r\n");
  return out;
}

std::span<const iovec> ProviderRequest::parts() {
  size_t count = 0;
  for (std::string_view piece : {std::string_view(head_), before_, std::string_view(model_), behind_})
    if (!piece.empty()) parts_[count++] = {const_cast<char*>(piece.data()), piece.size()};
  return {parts_.data(), count};
}

}  // namespace hanse::gateway
