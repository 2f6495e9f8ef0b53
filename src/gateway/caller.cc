#include "gateway/caller.h"

#include "cloud/auth/sigv4_verify.h"

namespace hanse::gateway {
namespace {

namespace sigv4 = cloud::sigv4;

int64_t unix_seconds() {
  return std::chrono::duration_cast<std::chrono::seconds>(std::chrono::system_clock::now().time_since_epoch())
      .count();
}

bool signs(const CallState& call) {
  return call.view->snapshot->has_clients() &&
         sigv4::Presented::is_meant(call.exchange.head().headers.get("authorization"));
}

Result<void> verified(const CallState& call, const catalog::ClientKey& client, std::string_view body) {
  const http::RequestHead& head = call.exchange.head();
  TRY(auto said, sigv4::Presented::parse(head.headers.get("authorization")));
  std::vector<sigv4::Field> fields;
  for (const http::Header& header : head.headers) fields.push_back({header.name, header.value});
  const size_t mark = std::min(head.target.find('?'), head.target.size());
  const std::string_view query =
      mark < head.target.size() ? head.target.substr(mark + 1) : std::string_view();
  const sigv4::Received received{head.method, head.target.substr(0, mark), query, head.host, fields, body};
  return sigv4::verify(said, received, client.secret.reveal(), unix_seconds());
}

}  // namespace

Result<const catalog::ClientKey*> caller_of(const CallState& call) {
  const catalog::Snapshot& snapshot = *call.view->snapshot;
  if (!signs(call)) return policy::identify(presented_keys(call), snapshot, *call.view->keys);
  TRY(auto said, sigv4::Presented::parse(call.exchange.head().headers.get("authorization")));
  const auto* client = snapshot.find_signer(said.access_key_id);
  if (!client) return fail(sigv4::unknown_access_key());
  return client;
}

Result<void> check_signature(const CallState& call, std::string_view body) {
  if (!call.client || !signs(call)) return {};
  return verified(call, *call.client, body);
}

Result<const catalog::ClientKey*> caller_without_body(const CallState& call) {
  TRY(const catalog::ClientKey* client, caller_of(call));
  if (!client || !signs(call)) return client;
  TRY_VOID(verified(call, *client, {}));
  return client;
}

}  // namespace hanse::gateway
