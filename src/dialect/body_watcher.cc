#include "dialect/body_watcher.h"

#include "base/bytes.h"

namespace hanse {
namespace {

constexpr int kDepthMax = 128;

}  // namespace

Result<void> BodyWatcher::feed(std::string_view bytes) {
  if (!bytes.empty()) content_seen = true;
  const size_t last = bytes.find_last_not_of(" \t\r\n");
  const bool closes = last != std::string_view::npos && bytes[last] == '}';
  if (std::exchange(first_, false) && closes && look_at(bytes)) return {};
  if (judged_) {  // more after the end, which may be white space only
    ended = ended && last == std::string_view::npos;
    return {};
  }
  end_.feed(bytes);
  held_.append(bytes);
  if (held_.size() > kHeldBytesMax) {
    cut_ = true;
    held_.erase(0, held_.size() - kTailBytes);
  }
  if (!end_.reached()) return {};
  if (!cut_) {
    look_at(held_);
  } else {
    ended = closes;
    read_usage_of_tail();
  }
  judged_ = true;
  return {};
}

bool BodyWatcher::look_at(std::string_view body) {
  auto root = json::scratch().parse(body, kDepthMax, json::Check::structure);
  if (!root) return false;
  ended = root->is_object() && judge(*root);
  judged_ = true;
  return true;
}

// The members behind the last `"usage":`, in braces, are JSON again.
void BodyWatcher::read_usage_of_tail() {
  const std::string mark = "\"" + std::string(usage_key()) + "\":";
  size_t at = find_bytes_last(held_, mark);
  if (at == kNotFound) return;
  std::string members = "{" + held_.substr(at);
  auto root = json::scratch().parse(members, kDepthMax, json::Check::structure);
  if (root && (*root)[usage_key()].is_object()) read_usage((*root)[usage_key()]);
}

}  // namespace hanse
