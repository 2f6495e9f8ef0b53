#include "dialect/conversation.h"

#include <algorithm>
#include <functional>
#include <iterator>

#include "base/bytes.h"
#include "dialect/origin.h"

namespace hanse {

using canon::Part;
using canon::Role;

namespace {

void put_results_first(std::vector<Conversation::Item>& items) {
  auto is_result = [](const Conversation::Item& item) { return item.is_result(); };
  if (std::ranges::is_partitioned(items, is_result)) return;
  std::vector<Conversation::Item> sorted;
  sorted.reserve(items.size());
  std::ranges::copy_if(items, std::back_inserter(sorted), is_result);
  std::ranges::copy_if(items, std::back_inserter(sorted), std::not_fn(is_result));
  items = std::move(sorted);
}

}  // namespace

bool is_blank(canon::Text text) {
  std::string_view t = text.escaped;
  for (size_t i = 0; i < t.size(); ++i) {
    if (t[i] == ' ') continue;
    if (t[i] != '\\' || i + 1 >= t.size()) return false;
    char c = t[++i];
    if (c != 'n' && c != 'r' && c != 't') return false;
  }
  return true;
}

canon::Text trimmed_end(canon::Text text) {
  std::string_view t = text.escaped;
  while (!t.empty()) {
    if (t.back() == ' ') {
      t.remove_suffix(1);
      continue;
    }
    char c = t.back();
    if (t.size() < 2 || t[t.size() - 2] != '\\' || (c != 'n' && c != 'r' && c != 't')) break;
    size_t slashes = 0;
    while (slashes + 1 < t.size() && t[t.size() - 2 - slashes] == '\\') ++slashes;
    if (slashes % 2 == 0) break;
    t.remove_suffix(2);
  }
  return {t};
}

std::string_view image_type(canon::Text media_type) {
  for (std::string_view known : {"image/png", "image/jpeg", "image/gif", "image/webp"})
    if (equal_ignoring_case(media_type.escaped, known)) return known;
  if (equal_ignoring_case(media_type.escaped, "image/jpg")) return "image/jpeg";
  return {};
}

Conversation::Conversation(const canon::Request& request, CanSay can_say, canon::Losses& losses)
    : request_(request), can_say_(can_say), losses_(losses) {
  messages.reserve(request.turns.size() + 1);
  for (size_t i = 0; i < request.turns.size(); ++i) take(request.turns[i], i);
  settle_calls();
  if (messages.empty() || messages.front().role != Role::user) {
    losses_.add(messages.empty() ? "messages" : request.path(messages.front().items.front().turn) + ".role");
    messages.insert(messages.begin(), Message{});
  }
  for (auto& message : messages)
    if (message.role == Role::user) put_results_first(message.items);
}

void Conversation::take(const canon::Turn& turn, size_t at) {
  if (!turn.name.empty()) losses_.add(request_.path(at) + ".name");
  const auto& parts = turn.parts;
  auto is_thinking = [](const Part& part) { return part.as<canon::ReasoningPart>() != nullptr; };
  // Thinking comes first; where it does already, its order among the rest is the model's own.
  const bool in_order =
      parts.empty() || is_thinking(parts.front()) || std::ranges::none_of(parts, is_thinking);
  if (!in_order)
    for (size_t i = 0; i < parts.size(); ++i)
      if (is_thinking(parts[i])) take_part(parts[i], turn.role, at, i);
  for (size_t i = 0; i < parts.size(); ++i)
    if (in_order || !is_thinking(parts[i])) take_part(parts[i], turn.role, at, i);
}

void Conversation::take_part(const Part& part, Role role, size_t turn, size_t index) {
  if (!belongs(part, role, turn, index)) return;
  Item item{&part, {}, turn, index};
  if (role == Role::system)
    system.push_back(item);
  else
    add(role, item);
}

// Whether there is a place and a word for the part; notes the loss when there is none.
bool Conversation::belongs(const Part& part, Role role, size_t turn, size_t index) {
  if (auto* text = part.as<canon::TextPart>()) return !is_blank(text->text);
  bool good = false;
  if (auto* media = part.as<canon::MediaPart>(); media && role == Role::user) {
    good = can_say_(*media);
    if (good && loses_detail(*media)) losses_.add(request_.path(turn, index) + ".image_url.detail");
  }
  if (auto* refusal = part.as<canon::RefusalPart>(); refusal && role == Role::assistant)
    return !is_blank(refusal->text);
  if (auto* reasoning = part.as<canon::ReasoningPart>()) {
    canon::Text proof = reasoning->redacted.empty() ? reasoning->signature : reasoning->redacted;
    good = role == Role::assistant && !proof.empty() && origin_of(proof).empty();
  }
  if (auto* result = part.as<canon::ToolResultPart>()) good = role == Role::user && answers(result->call_id);
  if (part.as<canon::ToolCallPart>()) good = role == Role::assistant;
  if (!good) losses_.add(request_.path(turn, index));
  return good;
}

// Marks the call as answered; false when there is none in the last assistant message, or it was answered.
bool Conversation::answers(canon::Text id) {
  auto found = call_of_id_.find(plain(id));
  if (found == call_of_id_.end() || calls_[found->second].answered) return false;
  return calls_[found->second].answered = true;
}

void Conversation::add(Role role, Item item) {
  if (messages.empty() || messages.back().role != role) {
    if (role == Role::assistant) settle_calls();
    messages.push_back({role, {}});
  }
  messages.back().items.push_back(item);
  if (role != Role::assistant) return;
  if (auto* call = item.part->as<canon::ToolCallPart>()) {
    call_of_id_.emplace(plain(call->id), calls_.size());
    calls_.push_back({call->id});
  }
}

// Before the next assistant message: what nobody answered gets an error for an answer.
void Conversation::settle_calls() {
  for (const Call& call : calls_)
    if (!call.answered) {
      if (messages.back().role != Role::user) messages.push_back({Role::user, {}});
      messages.back().items.push_back({nullptr, call.id});
    }
  calls_.clear();
  call_of_id_.clear();
}

bool Conversation::last_calls_lack_thinking() const {
  if (messages.size() < 2) return false;
  const auto& last = messages.back();
  if (last.role != Role::user || last.items.empty() || !last.items.front().is_result()) return false;
  const auto& calls = messages[messages.size() - 2].items;
  return calls.empty() || !calls.front().part->as<canon::ReasoningPart>();
}

}  // namespace hanse
