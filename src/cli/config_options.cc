#include "cli/config_options.h"

#include <cstdio>
#include <filesystem>

#include "net/tls.h"

namespace hanse::cli {

void ConfigOptions::add_to(CLI::App& verb) {
  verb.add_option("--config,-c", config_file, "The config (default: ./hanse.toml, else the environment)")
      ->type_name("FILE");
  verb.add_option("--catalog", catalog_folder, "A folder with more provider rows (*.toml)")->type_name("DIR");
  verb.footer(catalog::config_help());
}

Result<catalog::Config> ConfigOptions::load() const {
  TRY(catalog::Catalog rows, catalog::Catalog::load(catalog_folder));
  std::string file = config_file;
  if (file.empty() && std::filesystem::exists("hanse.toml")) file = "hanse.toml";
  TRY(catalog::Config config,
      file.empty() ? catalog::config_from_environment(rows) : catalog::load_config(file, rows));
  if (!listen.empty()) TRY_VOID(catalog::set_listen(config, listen));
  for (const catalog::Provider& provider : config.providers) {
    if (provider.tls_ca.empty()) continue;
    auto tls = net::TlsClientContext::load(provider.tls_ca);
    if (!tls)
      return fail(Code::bad_request, "provider '" + provider.name + "': tls_ca: " + tls.error().message);
  }
  return config;
}

int complain(const Error& error) {
  std::fprintf(stderr, "hanse: %s\n", error.message.c_str());
  return 1;
}

}  // namespace hanse::cli
