// Where the config comes from: shared by serve and check.
#pragma once

#include <string>

#include <CLI/CLI.hpp>

#include "catalog/catalog.h"
#include "catalog/config.h"

namespace hanse::cli {

struct ConfigOptions {
  std::string config_file;
  std::string catalog_folder;
  std::string listen;

  void add_to(CLI::App& verb);
  // Reads all anew each time: that is what SIGHUP wants. With no file: ./hanse.toml when there is one, else
  // the environment.
  Result<catalog::Config> load() const;
};

// Prints an error's message to stderr and returns the exit code for it.
int complain(const Error& error);

}  // namespace hanse::cli
