#include "gateway/core.h"

#include "base/assert.h"
#include "gateway/provider_request.h"

namespace hanse::gateway {
namespace {

std::shared_ptr<net::ClientPool> open_pool(const catalog::Provider& provider, const net::PoolLimits& pool,
                                           net::Resolver& resolver) {
  net::Origin origin{provider.url.host, provider.url.port, provider.url.tls};
  std::shared_ptr<net::TlsClientContext> tls;
  if (origin.tls) {
    auto loaded = net::TlsClientContext::load(provider.tls_ca);
    HANSE_ASSERT(loaded.has_value());  // `check` and the loader have tried it
    tls = std::move(*loaded);
  }
  return std::make_shared<net::ClientPool>(std::move(origin), pool, resolver, std::move(tls));
}

DoorAccess open_door(const catalog::Provider& provider, const catalog::Door& door) {
  DoorAccess access{&door, find_dialect(door.dialect), {}};
  HANSE_ASSERT(access.dialect);  // the catalogue's schema knows the dialects
  if (!door.names_model())
    access.request_line = request_line("POST", door.target(provider.url.path, {}, false));
  return access;
}

std::shared_ptr<net::ClientPool> kept_pool(const View* old, const catalog::Provider& provider) {
  if (!old) return nullptr;
  for (const ProviderAccess& access : old->providers) {
    const auto& before = *access.provider;
    bool same = before.name == provider.name && before.url.text == provider.url.text &&
                before.tls_ca == provider.tls_ca;
    if (same) return access.pool;
  }
  return nullptr;
}

}  // namespace

std::shared_ptr<const View> View::build(std::shared_ptr<const catalog::Snapshot> snapshot, const View* old,
                                        net::Resolver& resolver, TokenStore& tokens,
                                        StandingTable& standings) {
  auto view = std::make_shared<View>();
  for (const catalog::Provider& provider : snapshot->providers) {
    ProviderAccess access;
    access.provider = &provider;
    for (const catalog::Door& door : provider.doors) access.doors.push_back(open_door(provider, door));
    const auto& limits = snapshot->limits;
    net::PoolLimits pool{limits.connections_per_provider, provider.connect_timeout, limits.pool_idle};
    access.pool = kept_pool(old, provider);
    if (access.pool)
      access.pool->use_limits(pool);
    else
      access.pool = open_pool(provider, pool, resolver);
    access.headers = provider_headers(provider, "POST");
    const bool signs = !provider.row.signed_service().empty() && provider.key.empty();
    if (signs && (provider.aws.present() || provider.credential))
      access.signing = std::make_shared<cloud::sigv4::SigningKeys>();
    if (provider.credential) access.token = std::make_shared<CoreToken>(tokens.of(provider.credential));
    view->providers.push_back(std::move(access));
  }
  for (const catalog::Concentration& rule : snapshot->concentrations) {
    Concentration one{&rule, standings.concentration(rule.name), {}};
    for (const catalog::Provider& provider : snapshot->providers)
      one.concerns.push_back(provider.belongs_to(rule.of));
    view->concentrations.push_back(std::move(one));
  }
  view->snapshot = std::move(snapshot);
  return view;
}

}  // namespace hanse::gateway
