#include "gateway/explanation.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/json.h"
#include "catalog/price.h"

namespace hanse::gateway {
namespace {

// A header field is ASCII here: what is not is shown as a question mark.
std::string quoted(std::string_view plain) {
  std::string escaped, out = "\"";
  json::escape(plain, escaped);
  for (const char c : escaped) {
    if (c >= ' ' && c <= '~')
      out += c;
    else
      out += '?';
  }
  return out + '"';
}

}  // namespace

void Explanation::add(std::string entry) {
  more_ = more_ || entries_.size() + entry.size() + 20 > kBytesMax;
  if (more_) return;
  entries_ += (entries_.empty() ? "" : ",") + entry;
}

void Explanation::skipped(std::string_view offer, std::string_view why) {
  add(fmt::format(R"({{"offer":{},"skipped":{}}})", quoted(offer), quoted(why)));
}

void Explanation::left(std::string_view offer, const route::Health::Look& look) {
  add(fmt::format(R"({{"offer":{},"left":"{}: {}","for_ms":{}}})", quoted(offer), name_of(look.state),
                  name_of(look.cause), look.asked_in.count()));
}

void Explanation::at_limit(std::string_view offer, milliseconds wait) {
  add(fmt::format(R"({{"offer":{},"left":"at its limit","for_ms":{}}})", quoted(offer), wait.count()));
}

void Explanation::above_share(std::string_view offer) {
  add(fmt::format(R"({{"offer":{},"left":"above its share"}})", quoted(offer)));
}

void Explanation::bends(std::string_view offer) {
  add(fmt::format(R"({{"offer":{},"bends":"above its share, but nobody else is left"}})", quoted(offer)));
}

void Explanation::tries(std::string_view offer, milliseconds at, int64_t price) {
  const std::string usd = price < 0 ? "" : fmt::format(R"("expected_usd":{},)", catalog::text_in_usd(price));
  trying_.push_back({std::string(offer),
                     fmt::format(R"({{"offer":{},"at_ms":{},{}"tried":)", quoted(offer), at.count(), usd)});
}

void Explanation::failed(std::string_view offer, std::string_view code) {
  const auto found = std::ranges::find(trying_, offer, &Trying::offer);
  if (found == trying_.end()) return;
  add(fmt::format("{}\"{}\"}}", found->entry, code));
  trying_.erase(found);
}

std::string Explanation::header(std::string_view offer, milliseconds now) const {
  std::string out = "[" + entries_;
  auto append = [&](std::string_view entry) { out.append(out.size() == 1 ? "" : ",").append(entry); };
  if (more_) append(R"({"more":true})");
  for (const Trying& one : trying_)
    append(one.offer == offer ? fmt::format(R"({}"ok","answered_ms":{}}})", one.entry, now.count())
                              : one.entry + R"("slower"})");
  return out + "]";
}

}  // namespace hanse::gateway
