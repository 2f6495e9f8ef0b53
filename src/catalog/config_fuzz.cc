// Any bytes as a config. What is accepted can be served: it becomes a snapshot, its
// offers can be looked up, and nothing of it can break a request's head. What is refused names the file.
#include <string>

#include "base/assert.h"
#include "catalog/snapshot.h"

namespace hanse::catalog {
namespace {

bool is_clean(std::string_view text) {
  for (char c : text)
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) return false;
  return true;
}

void check_served(const Config& config) {
  auto snapshot = Snapshot::build(config);
  for (const Provider& provider : config.providers) {
    HANSE_ASSERT(is_clean(provider.name) && is_clean(provider.url.host_header()));
    HANSE_ASSERT(!provider.doors.empty());
    for (const Door& door : provider.doors)
      for (bool stream : {false, true}) {
        std::string target = door.target(provider.url.path, "a/b c", stream);
        HANSE_ASSERT(target.starts_with('/') && is_clean(target));
      }
    for (const auto& [name, value] : provider.headers) HANSE_ASSERT(!name.empty() && is_clean(name + value));
    auto [name, value] = provider.credential_header();
    HANSE_ASSERT(is_clean(name + value));
    HANSE_ASSERT(snapshot->offers_for(provider.name + "/any"));
    snapshot = snapshot->with_discovered(provider.name, {"found", provider.name + "/found"});
  }
  for (const auto& model : snapshot->model_names()) {
    auto offers = snapshot->offers_for(model.id);
    HANSE_ASSERT(offers && !offers->empty() && offers->front().provider < snapshot->providers.size());
  }
  (void)snapshot->offers_for("unknown");
  HANSE_ASSERT(!describe_config(config).empty());
}

}  // namespace
}  // namespace hanse::catalog

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace hanse::catalog;
  static const Catalog rows = *Catalog::load();
  std::string_view text(reinterpret_cast<const char*>(data), size);
  // Files are not opened: a name found by chance could be one that never ends.
  for (const char* option : {"_file", "tls_"})
    if (text.find(option) != std::string_view::npos) return 0;
  auto config = parse_config(text, "fuzz.toml", rows);
  if (config)
    check_served(*config);
  else
    HANSE_ASSERT(config.error().message.starts_with("fuzz.toml: "));
  return 0;
}
