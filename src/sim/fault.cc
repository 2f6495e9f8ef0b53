#include "sim/fault.h"

#include <charconv>

#include "sim/prompt.h"
#include "sim/tokens.h"

namespace hanse::sim {
namespace {

constexpr std::pair<std::string_view, Fault::Kind> kKinds[] = {
    {"stream", Fault::Kind::stream},  {"cut", Fault::Kind::cut},   {"stall", Fault::Kind::stall},
    {"reset", Fault::Kind::reset},    {"slow", Fault::Kind::slow}, {"html", Fault::Kind::html},
    {"garbage", Fault::Kind::garbage}};

}  // namespace

Result<Fault> parse_fault(std::string_view words) {
  for (auto [name, kind] : kKinds)
    if (words == name) return Fault{kind, 0};
  int status = 0;
  auto [end, error] = std::from_chars(words.data(), words.data() + words.size(), status);
  if (error == std::errc() && end == words.data() + words.size() && status >= 400 && status <= 599)
    return Fault{Fault::Kind::status, status};
  return fail(Code::bad_request, fmt::format("'{}' is no way to fail: wanted a status from 400 to 599, or "
                                             "cut, stall, reset, slow, stream, html, garbage",
                                             words));
}

Fault fault_of_prompt(std::string_view said) {
  constexpr std::string_view kOrder = "fail ";
  for (size_t at = find_phrase(said, "fail"); at != std::string_view::npos;
       at = find_phrase(said, "fail", at + 1)) {
    std::string_view rest = said.substr(at);
    if (rest.size() <= kOrder.size() || rest[4] != ' ') continue;
    rest.remove_prefix(kOrder.size());
    if (auto fault = parse_fault(rest.substr(0, rest.find_first_of(" \t\r\n.,;!?")))) return *fault;
  }
  return {};
}

bool fails_by_chance(double rate, uint64_t seed, uint64_t number) {
  uint64_t drawn = mixed(mixed(seed ^ 0x9e3779b97f4a7c15u) + number);
  return static_cast<double>(drawn >> 11) * 0x1.0p-53 < rate;
}

}  // namespace hanse::sim
