// What a config takes from outside of itself: files and keys, and the rules for what may become part of a
// request's head. Errors say what is wrong and never show a key.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "base/error.h"
#include "base/secret.h"

namespace hanse::catalog {

// The whole of a file that is at most bytes_max long. Error bad_request: why not, without the path.
Result<std::string> read_file(const std::string& path, size_t bytes_max);

// The key in a file, else in an environment variable, without blanks around it. Empty: the variable is not
// set. Error: an unreadable or empty file, a name that no variable can have, bytes that no key has.
Result<Secret> read_key(const std::string& key_env, const std::string& key_file);

// The variable's name for a message; shortened where it looks like a key that stands in the wrong place.
std::string shown_variable(std::string_view name);

// Names of the user's tables: they become part of log lines, metrics, and (a provider's) of model names.
Result<void> check_name(std::string_view name);
Result<void> check_provider_name(std::string_view name);

// A header to send with each request: no byte that could end it, none that Hanse sends itself, no credential.
Result<void> check_header(std::string_view name, std::string_view value);
bool is_header_name(std::string_view name);

}  // namespace hanse::catalog
