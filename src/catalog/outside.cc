#include "catalog/outside.h"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "base/bytes.h"
#include "catalog/option.h"

namespace hanse::catalog {
namespace {

constexpr size_t kKeyBytesMax = 64 * 1024;
constexpr size_t kNameBytesMax = 200;

bool is_control(char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; }

bool is_word_char(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

bool is_variable_name(std::string_view name) {
  return std::ranges::all_of(name, is_word_char) && !(name[0] >= '0' && name[0] <= '9');
}

bool one_of(std::string_view name, std::initializer_list<std::string_view> names) {
  return std::ranges::any_of(names, [&](std::string_view n) { return equal_ignoring_case(n, name); });
}

// Trimmed; a key with a line break inside would end the header that carries it.
Result<Secret> as_key(std::string_view text) {
  constexpr std::string_view kBlanks = " \t\r\n";
  size_t first = text.find_first_not_of(kBlanks);
  if (first == std::string_view::npos) return Secret();
  text = text.substr(first, text.find_last_not_of(kBlanks) - first + 1);
  if (!std::ranges::all_of(text, [](char c) { return c > ' ' && c < 0x7f; }))
    return fail(Code::bad_request, "the key has a blank, a control byte or a byte beyond ASCII in it");
  return Secret(text);
}

}  // namespace

Result<std::string> read_file(const std::string& path, size_t bytes_max) {
  std::error_code ignored;
  if (std::filesystem::is_directory(path, ignored)) return fail(Code::bad_request, "it is a folder");
  errno = 0;
  std::ifstream stream(path, std::ios::binary);
  if (!stream) {
    auto why = std::error_code(errno ? errno : EIO, std::generic_category());
    return fail(Code::bad_request, why.message());
  }
  constexpr size_t kBlock = 16 * 1024;
  std::string text;
  while (stream && text.size() <= bytes_max) {
    size_t before = text.size();
    text.resize(before + kBlock);
    stream.read(text.data() + before, kBlock);
    text.resize(before + static_cast<size_t>(stream.gcount()));
  }
  if (text.size() > bytes_max)
    return fail(Code::bad_request, "it is larger than " + bytes_text(static_cast<int64_t>(bytes_max)));
  return text;
}

Result<Secret> read_key(const std::string& key_env, const std::string& key_file) {
  if (!key_file.empty()) {
    auto text = read_file(key_file, kKeyBytesMax);
    if (!text) return fail(Code::bad_request, fmt::format("{}: {}", key_file, text.error().message));
    auto key = as_key(*text);
    if (!key) return fail(Code::bad_request, fmt::format("{}: {}", key_file, key.error().message));
    if (key->empty()) return fail(Code::bad_request, fmt::format("{}: the file is empty", key_file));
    return key;
  }
  if (key_env.empty()) return Secret();
  if (!is_variable_name(key_env))
    return fail(Code::bad_request,
                "wanted the name of an environment variable; the key itself doesn't belong here");
  const char* value = std::getenv(key_env.c_str());
  auto key = as_key(value ? value : "");
  if (!key)
    return fail(Code::bad_request, fmt::format("{}: {}", shown_variable(key_env), key.error().message));
  return key;
}

std::string shown_variable(std::string_view name) {
  constexpr size_t kKeyLike = 20;
  bool key_like = name.size() >= kKeyLike && name.find('_') == std::string_view::npos;
  return key_like ? std::string(name.substr(0, 4)) + "..." : std::string(name);
}

Result<void> check_name(std::string_view name) {
  if (name.empty()) return fail(Code::bad_request, "a name can't be empty");
  if (name.size() > kNameBytesMax)
    return fail(Code::bad_request, fmt::format("a name has at most {} bytes", kNameBytesMax));
  if (std::ranges::any_of(name, is_control))
    return fail(Code::bad_request, "a name has no line breaks or control bytes");
  return {};
}

Result<void> check_provider_name(std::string_view name) {
  TRY_VOID(check_name(name));
  auto good = [](char c) { return is_word_char(c) || c == '-' || c == '.'; };
  if (!std::ranges::all_of(name, good))
    return fail(Code::bad_request, "a provider's name has letters, digits, '-', '_' and '.' only");
  return {};
}

bool is_header_name(std::string_view name) {
  constexpr std::string_view kMarks = "!#$%&'*+-.^`|~";
  return !name.empty() && std::ranges::all_of(name, [&](char c) {
    return is_word_char(c) || kMarks.find(c) != std::string_view::npos;
  });
}

Result<void> check_header(std::string_view name, std::string_view value) {
  if (!is_header_name(name)) return fail(Code::bad_request, "a header's name has a byte that none may have");
  if (one_of(name,
             {"authorization", "proxy-authorization", "x-api-key", "api-key", "x-goog-api-key", "cookie"}))
    return fail(
        Code::bad_request,
        fmt::format("'{}' carries a credential, which doesn't belong here; use key_env or key_file", name));
  if (one_of(name, {"host", "connection", "content-length", "content-type", "content-encoding", "accept",
                    "accept-encoding", "transfer-encoding", "keep-alive", "proxy-connection", "te", "trailer",
                    "upgrade", "expect", "user-agent"}))
    return fail(Code::bad_request, fmt::format("'{}' is written by Hanse itself", name));
  if (std::ranges::any_of(value, is_control))
    return fail(Code::bad_request, fmt::format("the value of '{}' has a line break or control byte", name));
  return {};
}

}  // namespace hanse::catalog
