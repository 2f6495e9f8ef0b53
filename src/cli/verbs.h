// One file a verb; main.cc lists them by hand. A verb adds itself to the command line and returns what to run
// when it was asked for.
#pragma once

#include <functional>

#include <CLI/CLI.hpp>

namespace hanse::cli {

using Run = std::function<int()>;  // returns the exit code

Run add_serve(CLI::App& app);
Run add_check(CLI::App& app);
Run add_models(CLI::App& app);
Run add_sim(CLI::App& app);
Run add_status(CLI::App& app);
Run add_drill(CLI::App& app);
Run add_explain(CLI::App& app);
Run add_version(CLI::App& app);
Run add_docs(CLI::App& app);

}  // namespace hanse::cli
