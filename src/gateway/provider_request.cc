#include "gateway/provider_request.h"

#include "base/bytes.h"
#include "base/url.h"
#include "canon/withheld.h"
#include "dialect/embeddings.h"
#include "net/status.h"

namespace hanse::gateway {
namespace {

// Of a client's headers only these go to a provider of the same dialect: the vendors' own switches.
// Everything else (credentials, cookies, SDK telemetry, hop-by-hop, what a reverse proxy added) stays here.
bool is_forwarded(std::string_view name) {
  auto starts = [&](std::string_view prefix) { return starts_ignoring_case(name, prefix); };
  switch (name.empty() ? 0 : name[0] | 0x20) {
    case 'a':
      return starts("anthropic-");
    case 'o':
      return starts("openai-");
    case 'i':
      return equal_ignoring_case(name, "idempotency-key");
    case 'x':
      return starts("x-amzn-bedrock-") || equal_ignoring_case(name, "x-client-request-id");
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

Result<void> check_strict(const CallState& call, const canon::Losses& losses) {
  if (!call.strict || losses.empty()) return {};
  std::string paths;
  for (const auto& path : losses.paths()) paths += (paths.empty() ? "" : ", ") + path;
  return fail(Code::unsupported, "the model that would answer can't take: " + paths)
      .at(losses.paths().front());
}

Result<std::string> translate(CallState& call, const ProviderAccess& access, const Dialect& dialect,
                              const catalog::Offer& offer, canon::Losses& losses) {
  if (!call.request) {
    TRY(json::Value root,
        json::scratch().parse(call.body, static_cast<int>(call.view->snapshot->limits.json_depth)));
    TRY(call.request, decode(call, root));
  }
  Target target{.model = offer.model,
                .output_tokens_max_default = access.provider->output_tokens_max_default,
                .official = access.provider->row.official};
  std::span<const std::string> refused;
  if (offer.known) refused = offer.known->refuses;
  canon::Withheld withheld(*call.request, refused, losses);
  Rescue::Turns turns(*call.request, call.rescue.get());
  TRY(std::string body, dialect.encode_request(*call.request, target, losses));
  TRY_VOID(check_strict(call, losses));
  return body;
}

Result<std::string> translate_embedding(CallState& call, const Dialect& dialect, const catalog::Offer& offer,
                                        canon::Losses& losses) {
  if (!call.embedding) {
    TRY(json::Value root,
        json::scratch().parse(call.body, static_cast<int>(call.view->snapshot->limits.json_depth)));
    TRY(call.embedding, call.dialect->embeddings()->decode_request(root));
  }
  TRY(std::string body, dialect.embeddings()->encode_request(*call.embedding, offer.model, losses));
  TRY_VOID(check_strict(call, losses));
  return body;
}

}  // namespace

// What the path says stands in no body.
Result<std::unique_ptr<canon::Request>> decode(const CallState& call, json::Value root) {
  TRY(auto request, call.dialect->decode_request(root));
  request->stream = call.stream;
  if (call.rewritten) request->continues = {};
  if (!call.path_model.empty()) {
    std::string escaped;
    json::escape(call.model, escaped);
    request->model = {request->arena.copy(escaped)};
  }
  return request;
}

std::string path_beside_chat(const CallState& call, const DoorAccess& door, std::string_view model) {
  if (door.dialect == call.dialect) return door.door->sibling(call.beside_chat);
  const Embeddings* theirs = call.embeds ? door.dialect->embeddings() : nullptr;
  return theirs ? door.door->sibling(theirs->path_word(model)) : std::string();
}

std::string request_line(std::string_view method, std::string_view target) {
  std::string out(method);
  return out.append(" ").append(target).append(" HTTP/1.1\r\n");
}

std::string provider_headers(const catalog::Provider& provider, std::string_view method) {
  std::string out;
  append_header(out, "host", provider.url.host_header());
  if (method == "POST") append_header(out, "content-type", "application/json");
  append_header(out, "accept", "application/json, text/event-stream");
  append_header(out, "accept-encoding", "identity");
  append_header(out, "user-agent", "hanse");
  if (auto [name, value] = provider.credential_header(); !name.empty()) append_header(out, name, value);
  return out;
}

// The client's bytes, with the offer's model in place of the client's. Where the client named its model in
// the path, and the provider wants it in the body, it goes in front.
void ProviderRequest::keep_body(const CallState& call, const catalog::Door& door, std::string_view model) {
  auto quoted = [&] {
    model_ += '"';
    json::escape(model, model_);
    model_ += '"';
  };
  if (!call.model_token.empty()) {
    auto at = static_cast<size_t>(call.model_token.data() - call.body.data());
    before_ = call.body.substr(0, at);
    behind_ = call.body.substr(at + call.model_token.size());
    quoted();
  } else if (door.names_model()) {
    behind_ = call.body;
  } else {
    size_t open = call.body.find('{') + 1;
    before_ = call.body.substr(0, open);
    behind_ = call.body.substr(open);
    model_ = "\"model\":";
    quoted();
    size_t next = behind_.find_first_not_of(" \t\r\n");
    if (behind_[next] != '}') model_ += ',';
  }
}

namespace {

bool wants_another_frame(const CallState& call) {
  return call.dialect->client_frame(call.query).content_type != call.dialect->stream_frame().content_type;
}

// The request line where it isn't always the same; empty where it is.
Result<std::string> line_of(const CallState& call, const ProviderAccess& access, const DoorAccess& way,
                            std::string_view model, bool same_dialect) {
  const catalog::Door& door = *way.door;
  if (call.beside_chat.empty() && !door.names_model()) return std::string();
  catalog::Door asked = door;
  if (!call.beside_chat.empty()) asked = {door.dialect, path_beside_chat(call, way, model), {}};
  if (asked.names_model() && is_dots(model))
    return fail(Code::bad_request, "model: no name of a model").at("model");
  if (same_dialect && call.stream && wants_another_frame(call))  // the frame is what the query asks for
    asked.stream_path.resize(std::min(asked.stream_path.find('?'), asked.stream_path.size()));
  return request_line("POST", asked.target(access.provider->url.path, model, call.stream));
}

}  // namespace

// Signed are the headers that AWS's own SDKs sign. The method and target are those of the line in `head_`.
void ProviderRequest::sign(const ProviderAccess& access, const catalog::AwsKeys& keys) {
  namespace sigv4 = cloud::sigv4;
  const catalog::Provider& provider = *access.provider;
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  const std::string stamp =
      sigv4::timestamp_of(std::chrono::duration_cast<std::chrono::seconds>(now).count());
  const sigv4::Scope scope{stamp, provider.region, provider.row.signed_service()};
  const std::string_view pieces[] = {before_, model_, behind_};
  const std::string hash = cloud::hex_of(cloud::sha256(pieces)), host = provider.url.host_header();
  std::string_view line = std::string_view(head_).substr(0, head_.find("\r\n"));
  const size_t blank = line.find(' ');
  std::string_view target = line.substr(blank + 1, line.rfind(' ') - blank - 1);
  const size_t mark = std::min(target.find('?'), target.size());
  sigv4::Request request{line.substr(0, blank),
                         target.substr(0, mark),
                         target.substr(std::min(mark + 1, target.size())),
                         {},
                         hash};
  request.fields = {{"content-type", "application/json"}, {"host", host}, {"x-amz-date", stamp}};
  const std::string_view token = keys.session_token.reveal();
  if (!token.empty()) request.fields.push_back({"x-amz-security-token", token});
  const std::string value =
      sigv4::authorization(request, scope, keys.access_key_id, access.signing->key(keys.secret, scope));
  append_header(head_, "x-amz-date", stamp);
  if (!token.empty()) append_header(head_, "x-amz-security-token", token);
  append_header(head_, "authorization", value);
}

Result<ProviderRequest> ProviderRequest::build(CallState& call, const ProviderAccess& access,
                                               const DoorAccess& door, const catalog::Offer& offer,
                                               const HeldToken* token) {
  ProviderRequest out;
  const bool same_dialect = door.dialect == call.dialect;
  const bool same_request = !call.rescue || call.rescue->asked == route::Seam::Asked::again;
  if (same_dialect && !call.rewritten && same_request) {
    out.keep_body(call, *door.door, offer.model);
  } else if (call.embeds) {
    TRY(out.model_, translate_embedding(call, *door.dialect, offer, out.losses_));
  } else {
    TRY(out.model_, translate(call, access, *door.dialect, offer, out.losses_));
  }
  out.body_size_ = out.before_.size() + out.model_.size() + out.behind_.size();
  out.head_.reserve(access.headers.size() + 512);
  TRY(out.head_, line_of(call, access, door, offer.model, same_dialect));
  if (out.head_.empty()) out.head_ = door.request_line;
  out.head_ += access.headers;
  if (token) out.head_ += token->header.reveal();
  append_headers(out.head_, call, *access.provider, same_dialect);
  if (access.signing) out.sign(access, token ? token->grant.aws : access.provider->aws);
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
