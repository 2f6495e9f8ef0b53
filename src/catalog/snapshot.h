// Snapshot: the config as the gateway uses it: immutable, shared by all cores, swapped whole. Look-ups are by
// hash.
//
//   auto snapshot = Snapshot::build(config);
//   snapshot = snapshot->with_discovered("openai", names);    // a new one; the old one lives while it is
//   used CO_TRY(auto offers, snapshot->offers_for("fast"));        // offers[0].provider is an index of
//   providers
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "catalog/config.h"

namespace hanse::catalog {

// One way to answer: a model at a provider.
struct Offer {
  size_t provider = 0;  // index into Snapshot::providers
  std::string model;    // its name there
  // What the catalogue knows of it; nullptr: nothing. They live as long as the snapshot.
  const ModelRow* known = nullptr;
  const ModelAt* terms = nullptr;
  // Of a [model] table, which lives as long; nullptr: asked for under its own name.
  const Model* by = nullptr;
  size_t share = 0;   // of by->shares
  size_t listed = 0;  // its place in by->offers
};

struct ListedModel {
  std::string id;
  std::string owner;  // the provider that is asked first
};

class Snapshot {
 public:
  static std::shared_ptr<const Snapshot> build(const Config& config);
  // The same, with what a provider says of its models, in place of what it said before. The models that the
  // config names for a provider stay in force.
  std::shared_ptr<const Snapshot> with_discovered(const std::string& provider,
                                                  const std::vector<std::string>& models) const;

  Limits limits;
  Retry retry;
  Health health;
  std::vector<Provider> providers;
  std::vector<Concentration> concentrations;
  std::vector<Drill> drills;

  bool has_clients() const { return !clients_.empty(); }
  // By the key as presented: its SHA-256 is looked up and compared in constant time. nullptr: unknown.
  const ClientKey* find_client(std::string_view key) const;
  // The client that signs under this access key id; nullptr: unknown.
  const ClientKey* find_signer(std::string_view access_key_id) const;

  // Who may answer `model`, in the order in which they are to be tried:
  //   with [model] tables     the table of that name; else "provider/model"
  //   without                 every provider that has a model of that name, or that the catalogue knows to be
  //   the
  //                           same under another name; else "provider/model"; else every
  //                           provider whose models nobody knows
  // "openai/gpt-5" means the provider openai where that has the model, even if another one lists this name.
  // Error not_found lists near names.
  Result<std::vector<Offer>> offers_for(std::string_view model) const;
  // What GET /v1/models shows, in a stable order.
  const std::vector<ListedModel>& model_names() const { return listed_; }

 private:
  struct Hash {
    using is_transparent = void;
    size_t operator()(std::string_view text) const { return std::hash<std::string_view>()(text); }
  };
  template <class T>
  using ByName = std::unordered_map<std::string, T, Hash, std::equal_to<>>;

  void index();
  void index_models();
  void index_providers();
  void index_equals();
  Offer offer(size_t provider, std::string_view model) const;
  std::vector<Offer> addressed(std::string_view model) const;
  Error unknown(std::string_view model) const;

  std::vector<ClientKey> clients_;
  std::vector<Model> models_;
  std::shared_ptr<const ModelRows> known_models_;
  ByName<size_t> client_by_digest_;
  ByName<size_t> provider_by_name_;
  ByName<std::vector<Offer>> offers_;  // by the name that clients use
  std::vector<ListedModel> listed_;
  bool any_model_ = false;  // a provider without a known list: unknown names are tried there
};

// 32 bytes.
std::string sha256(std::string_view bytes);

}  // namespace hanse::catalog
