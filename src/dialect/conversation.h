// The turns of a request in the order and shape that Anthropic and Bedrock demand, before anything is
// written: system apart, roles alternating from a user on, the results of one assistant message all in front
// of the next user message, no call without a result and no result without a call, nothing blank. What has no
// place is a loss.
//
//   Conversation conversation(request, can_say, losses);   // views of the request, which must live on
//   for (const auto& message : conversation.messages) ...
#pragma once

#include <span>
#include <unordered_map>
#include <vector>

#include "canon/request.h"

namespace hanse {

class Conversation {
 public:
  struct Item {
    const canon::Part* part = nullptr;  // nullptr: the made-up result of `unanswered`
    canon::Text unanswered;
    size_t turn = 0;
    size_t index = 0;

    bool is_result() const { return !part || part->as<canon::ToolResultPart>(); }
  };

  struct Message {
    canon::Role role = canon::Role::user;
    std::vector<Item> items;  // empty: the user whom the dialect wants first and the client did not have
  };

  // Whether the dialect has a word for an image, a document ...
  using CanSay = bool (*)(const canon::MediaPart& media);
  Conversation(const canon::Request& request, CanSay can_say, canon::Losses& losses);
  std::vector<Item> system;
  std::vector<Message> messages;

  // The last message is a beginning that the model shall go on with.
  bool ends_with_assistant() const { return messages.back().role == canon::Role::assistant; }
  // Tool results come last, and the calls they answer were made without (signed) thinking.
  bool last_calls_lack_thinking() const;

 private:
  struct Call {
    canon::Text id;
    bool answered = false;
  };
  void take(const canon::Turn& turn, size_t at);
  void take_part(const canon::Part& part, canon::Role role, size_t turn, size_t index);
  bool belongs(const canon::Part& part, canon::Role role, size_t turn, size_t index);
  bool answers(canon::Text id);
  void add(canon::Role role, Item item);
  void settle_calls();
  std::string_view plain(canon::Text id) { return json::unescape(id, arena_); }

  const canon::Request& request_;
  CanSay can_say_;
  canon::Losses& losses_;
  Arena arena_;
  std::vector<Call> calls_;  // of the last assistant message
  std::unordered_map<std::string_view, size_t> call_of_id_;
};

// Nothing but white space, which the vendor refuses.
bool is_blank(canon::Text text);
// Without its white space at the end: the vendors refuse a beginning of an answer that has some.
canon::Text trimmed_end(canon::Text text);
// "image/jpeg" for what clients call image/jpg or IMAGE/JPEG; empty for what neither vendor takes.
std::string_view image_type(canon::Text media_type);
// How closely to look at an image can't be said.
inline bool loses_detail(const canon::MediaPart& media) {
  return !media.detail.empty() && media.detail.escaped != "auto";
}

}  // namespace hanse
