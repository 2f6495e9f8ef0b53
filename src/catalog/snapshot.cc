#include "catalog/snapshot.h"

#include <openssl/evp.h>

#include <algorithm>
#include <array>
#include <cstdlib>

#include "base/assert.h"
#include "base/bytes.h"

namespace hanse::catalog {

std::string sha256(std::string_view bytes) {
  // Fetched once: EVP_sha256() looks the algorithm up anew at each digest.
  static const EVP_MD* algorithm = EVP_MD_fetch(nullptr, "SHA256", nullptr);
  thread_local std::unique_ptr<EVP_MD_CTX, void (*)(EVP_MD_CTX*)> context(EVP_MD_CTX_new(), EVP_MD_CTX_free);
  std::string digest(32, '\0');
  bool good =
      EVP_DigestInit_ex2(context.get(), algorithm, nullptr) == 1 &&
      EVP_DigestUpdate(context.get(), bytes.data(), bytes.size()) == 1 &&
      EVP_DigestFinal_ex(context.get(), reinterpret_cast<unsigned char*>(digest.data()), nullptr) == 1;
  HANSE_ASSERT(good);
  return digest;
}

namespace {

// At least so many edits lie between two names: the letters that one has and the other lacks.
size_t letters_apart(std::string_view a, std::string_view b) {
  std::array<int, 32> count{};
  for (char c : a) ++count[c & 31];
  for (char c : b) --count[c & 31];
  int more = 0, less = 0;
  for (int n : count) (n > 0 ? more : less) += std::abs(n);
  return static_cast<size_t>(std::max(more, less));
}

// The names most like `model`. Anybody may ask for names that don't exist, and a provider may list hundreds:
// only those with about the same letters are compared letter by letter.
std::vector<std::string_view> near_names(std::string_view model, const std::vector<ListedModel>& listed) {
  constexpr size_t kShown = 5, kCompared = 25, kNameBytes = 64;
  std::vector<std::pair<size_t, std::string_view>> near;
  near.reserve(listed.size());
  model = model.substr(0, kNameBytes);
  auto keep_nearest = [&](size_t count) {
    count = std::min(count, near.size());
    std::ranges::partial_sort(near, near.begin() + static_cast<ptrdiff_t>(count));
    near.resize(count);
  };
  for (const auto& known : listed)
    near.emplace_back(letters_apart(model, std::string_view(known.id).substr(0, kNameBytes)), known.id);
  keep_nearest(kCompared);
  for (auto& [distance, name] : near) distance = edit_distance(model, name.substr(0, kNameBytes));
  keep_nearest(kShown);
  std::vector<std::string_view> out;
  for (const auto& [distance, name] : near) out.push_back(name);
  return out;
}

}  // namespace

std::shared_ptr<const Snapshot> Snapshot::build(const Config& config) {
  auto out = std::make_shared<Snapshot>();
  out->limits = config.limits;
  out->retry = config.retry;
  out->health = config.health;
  out->providers = config.providers;
  out->concentrations = config.concentrations;
  out->drills = config.drills;
  out->clients_ = config.clients;
  out->models_ = config.models;
  out->known_models_ = config.known_models;
  out->index();
  return out;
}

std::shared_ptr<const Snapshot> Snapshot::with_discovered(const std::string& provider,
                                                          const std::vector<std::string>& models) const {
  auto out = std::make_shared<Snapshot>(*this);
  auto found = provider_by_name_.find(provider);
  if (found == provider_by_name_.end()) return out;
  out->providers[found->second].discovered = models;
  out->index();
  return out;
}

void Snapshot::index() {
  client_by_digest_.clear();
  provider_by_name_.clear();
  offers_.clear();
  listed_.clear();
  any_model_ = false;
  for (size_t i = 0; i < clients_.size(); ++i)
    if (!clients_[i].digest.empty()) client_by_digest_.emplace(clients_[i].digest, i);
  for (size_t i = 0; i < providers.size(); ++i) provider_by_name_.emplace(providers[i].name, i);
  if (models_.empty())
    index_providers();
  else
    index_models();
}

void Snapshot::index_models() {
  for (const Model& model : models_) {
    auto& offers = offers_[model.name];
    for (size_t i = 0; i < model.offers.size(); ++i) {
      std::vector<Offer> offer = addressed(model.offers[i]);
      HANSE_ASSERT(!offer.empty());  // the loader has checked it
      offer.front().by = &model;
      offer.front().listed = i;
      if (i < model.shares.size()) offer.front().share = model.shares[i];
      offers.push_back(std::move(offer.front()));
    }
    listed_.push_back({model.name, providers[offers.front().provider].name});
  }
}

void Snapshot::index_providers() {
  for (size_t i = 0; i < providers.size(); ++i) {
    const auto& names = providers[i].known_models();
    any_model_ |= names.empty();
    for (const std::string& name : names) {
      auto& offers = offers_[name];
      if (offers.empty()) listed_.push_back({name, {}});
      offers.push_back(offer(i, name));
    }
  }
  // A reseller lists other vendors' models as "vendor/model". Where that vendor is a provider here and has
  // the model, the name is its address.
  for (ListedModel& model : listed_) {
    auto& offers = offers_.find(model.id)->second;
    if (auto direct = addressed(model.id); !direct.empty()) {
      const auto& has = providers[direct.front().provider].known_models();
      if (std::ranges::find(has, direct.front().model) != has.end()) offers = std::move(direct);
    }
    model.owner = providers[offers.front().provider].name;
  }
  index_equals();
}

// A model's name as its maker gives it stands for the same model at every provider that lists it, under
// whatever name. One offer a provider: of several dated versions the first.
void Snapshot::index_equals() {
  for (size_t i = 0; i < providers.size(); ++i)
    for (const std::string& name : providers[i].known_models()) {
      Offer equal = offer(i, name);
      if (!equal.known) continue;
      auto& offers = offers_[equal.known->name];
      if (std::ranges::find(offers, i, &Offer::provider) != offers.end()) continue;
      auto behind = std::ranges::find_if(offers, [&](const Offer& other) { return other.provider > i; });
      offers.insert(behind, std::move(equal));
    }
}

// A provider is asked by a name of its own: where the catalogue knows that it calls the model otherwise, by
// that.
Offer Snapshot::offer(size_t provider, std::string_view model) const {
  Offer out{provider, std::string(model), nullptr, nullptr};
  if (!known_models_) return out;
  const Provider& at = providers[provider];
  ModelRows::Sold sold = known_models_->find(at.row.name, model);
  out.known = sold.row;
  out.terms = sold.at;
  bool listed = std::ranges::find(at.known_models(), model) != at.known_models().end();
  if (sold.row && !listed) out.model = sold.name;
  return out;
}

const ClientKey* Snapshot::find_signer(std::string_view access_key_id) const {
  for (const ClientKey& client : clients_)
    if (!client.secret.empty() && client.access_key_id == access_key_id) return &client;
  return nullptr;
}

const ClientKey* Snapshot::find_client(std::string_view key) const {
  std::string digest = sha256(key);
  auto found = client_by_digest_.find(digest);
  if (found == client_by_digest_.end()) return nullptr;
  const ClientKey& client = clients_[found->second];
  return equal_constant_time(client.digest, digest) ? &client : nullptr;
}

// "provider/model", whatever the model: the provider knows best what it has.
std::vector<Offer> Snapshot::addressed(std::string_view model) const {
  size_t slash = model.find('/');
  if (slash == std::string_view::npos || slash + 1 == model.size()) return {};
  auto provider = provider_by_name_.find(model.substr(0, slash));
  if (provider == provider_by_name_.end()) return {};
  return {offer(provider->second, model.substr(slash + 1))};
}

Result<std::vector<Offer>> Snapshot::offers_for(std::string_view model) const {
  auto found = offers_.find(model);
  if (found != offers_.end()) return found->second;
  if (auto offers = addressed(model); !offers.empty()) return offers;
  std::vector<Offer> guesses;
  if (any_model_ && !model.empty())
    for (size_t i = 0; i < providers.size(); ++i)
      if (providers[i].known_models().empty()) guesses.push_back(offer(i, model));
  if (guesses.empty()) return fail(unknown(model));
  return guesses;
}

Error Snapshot::unknown(std::string_view model) const {
  constexpr size_t kAskedBytesMax = 200;
  auto near = near_names(model, listed_);
  std::string text = "the model '" + std::string(model.substr(0, kAskedBytesMax)) + "' is not served here";
  for (size_t i = 0; i < near.size(); ++i) text += (i ? ", " : "; near names: ") + std::string(near[i]);
  if (near.size() < listed_.size()) text += ", ... (GET /v1/models lists all)";
  Error error(Code::not_found, std::move(text));
  error.field = "model";
  return error;
}

}  // namespace hanse::catalog
