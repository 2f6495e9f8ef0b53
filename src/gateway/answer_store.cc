#include "gateway/answer_store.h"

#include <algorithm>

namespace hanse::gateway {
namespace {

constexpr size_t kEntryBytes = 256;  // of the lists around an answer, roughly

std::string name_of(std::string_view owner, std::string_view id) {
  std::string out(owner);
  return out.append(1, '\n').append(id);  // which no name of a client has
}

size_t cost(const KeptAnswer& answer) { return answer.bytes() + kEntryBytes; }

}  // namespace

void AnswerStore::keep(std::string_view owner, KeptAnswer answer, const Bounds& bounds, Time now) {
  if (bounds.entries == 0 || cost(answer) > bounds.bytes) return;
  std::string name = name_of(owner, answer.id);
  auto kept = std::make_shared<const KeptAnswer>(std::move(answer));
  std::lock_guard lock(mutex_);
  if (auto known = by_name_.find(name); known != by_name_.end()) drop(known->second);
  bytes_ += cost(*kept);
  entries_.push_back({std::move(name), std::move(kept), now});
  by_name_.emplace(entries_.back().name, std::prev(entries_.end()));
  make_room(bounds, now);
}

AnswerStore::Kept AnswerStore::find(std::string_view owner, std::string_view id, const Bounds& bounds,
                                    Time now) {
  std::lock_guard lock(mutex_);
  make_room(bounds, now);
  auto found = use(owner, id, now);
  return found == entries_.end() ? nullptr : found->answer;
}

std::vector<AnswerStore::Kept> AnswerStore::history(std::string_view owner, std::string_view id,
                                                    const Bounds& bounds, Time now) {
  std::vector<Kept> out;
  std::lock_guard lock(mutex_);
  make_room(bounds, now);
  std::string next(id);
  // A client that names its own ids could close a ring.
  while (!next.empty() && out.size() <= entries_.size()) {
    auto found = use(owner, next, now);
    if (found == entries_.end()) return {};
    out.push_back(found->answer);
    next = found->answer->continues;
  }
  if (!next.empty()) return {};
  std::reverse(out.begin(), out.end());
  return out;
}

bool AnswerStore::forget(std::string_view owner, std::string_view id, const Bounds& bounds, Time now) {
  std::lock_guard lock(mutex_);
  make_room(bounds, now);
  auto found = use(owner, id, now);
  if (found == entries_.end()) return false;
  drop(found);
  return true;
}

AnswerStore::Size AnswerStore::size() const {
  std::lock_guard lock(mutex_);
  return {entries_.size(), bytes_};
}

AnswerStore::Entries::iterator AnswerStore::use(std::string_view owner, std::string_view id, Time now) {
  auto found = by_name_.find(name_of(owner, id));
  if (found == by_name_.end()) return entries_.end();
  found->second->used = now;
  entries_.splice(entries_.end(), entries_, found->second);
  return found->second;
}

void AnswerStore::make_room(const Bounds& bounds, Time now) {
  while (!entries_.empty()) {
    const Entry& oldest = entries_.front();
    const bool full = entries_.size() > bounds.entries || bytes_ > bounds.bytes;
    if (!full && now - oldest.used < bounds.life) return;
    drop(entries_.begin());
  }
}

void AnswerStore::drop(Entries::iterator entry) {
  bytes_ -= cost(*entry->answer);
  by_name_.erase(entry->name);
  entries_.erase(entry);
}

}  // namespace hanse::gateway
