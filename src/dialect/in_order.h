// Events whose blocks don't interleave, for languages that have one block open at a time: what comes while
// the arguments of a call are not whole waits for its turn, in the order of its beginning.
//
//   InOrder order;
//   order.on(event, [&](const canon::Event& next) { ... });     // none, one or several; views of the call
//   only
//
// Between a ToolCallStart and the last ToolCallDelta of that call nothing else is told. All that waits is
// told before Stop, and nothing of it before Failure. Usage and Start pass by.
#pragma once

#include <string>
#include <vector>

#include "canon/event.h"
#include "dialect/object_end.h"

namespace hanse {

class InOrder {
 public:
  template <class Next>
  void on(const canon::Event& event, Next&& next) {
    if (passes(event)) return next(event);
    if (!blocked() && waiting_.empty() && !is_of_call(event)) {  // nearly every event
      open_ = false;
      return next(event);
    }
    if (auto* start = std::get_if<canon::ToolCallStart>(&event)) {
      hold(*start);
    } else if (auto* delta = std::get_if<canon::ToolCallDelta>(&event)) {
      if (open_ && delta->call == call_) {
        end_.feed(delta->fragment);
        next(event);
      } else {
        add(*delta);
      }
    } else if (std::holds_alternative<canon::Stop>(event)) {
      drain(true, next);
      open_ = false;
      return next(event);
    } else {
      hold(event);
    }
    drain(false, next);
  }

 private:
  enum class Kind : uint8_t { text, refusal, reasoning, signature, redacted, call };
  struct Held {
    Kind kind;
    bool in_block = false;
    uint32_t call = 0;
    std::string id, name;
    std::string text;  // or the arguments as far as they came
  };

  bool blocked() const { return open_ && !end_.reached(); }
  static bool passes(const canon::Event& event) {
    return std::holds_alternative<canon::Usage>(event) || std::holds_alternative<canon::Start>(event) ||
           std::holds_alternative<canon::Failure>(event);
  }
  static bool is_of_call(const canon::Event& event) {
    return std::holds_alternative<canon::ToolCallStart>(event) ||
           std::holds_alternative<canon::ToolCallDelta>(event);
  }

  void hold(const canon::ToolCallStart& start) {
    waiting_.push_back(
        {Kind::call, false, start.call, std::string(start.id.escaped), std::string(start.name.escaped), {}});
  }
  // Pieces of a call that is neither open nor waiting are behind its end, where only white space can be.
  void add(const canon::ToolCallDelta& delta) {
    for (size_t i = waiting_.size(); i-- > 0;)
      if (waiting_[i].kind == Kind::call && waiting_[i].call == delta.call)
        return void(waiting_[i].text += delta.fragment.escaped);
  }
  void hold(const canon::Event& event) {
    if (auto* text = std::get_if<canon::TextDelta>(&event)) hold(Kind::text, text->text);
    if (auto* refusal = std::get_if<canon::RefusalDelta>(&event)) hold(Kind::refusal, refusal->text);
    if (auto* thought = std::get_if<canon::ReasoningDelta>(&event))
      hold(Kind::reasoning, thought->text, thought->in_block);
    if (auto* end = std::get_if<canon::ReasoningSignature>(&event)) hold(Kind::signature, end->signature);
    if (auto* data = std::get_if<canon::RedactedReasoning>(&event)) hold(Kind::redacted, data->data);
  }
  void hold(Kind kind, json::Text text, bool in_block = false) {
    const bool joins = kind == Kind::text || kind == Kind::refusal || kind == Kind::reasoning;
    if (!joins || waiting_.empty() || waiting_.back().kind != kind)
      waiting_.push_back({kind, in_block, 0, {}, {}, {}});
    waiting_.back().text += text.escaped;
  }

  // All that wait, or as many as may begin.
  template <class Next>
  void drain(bool all, Next&& next) {
    size_t told = 0;
    while (told < waiting_.size() && (all || !blocked())) tell(waiting_[told++], next);
    waiting_.erase(waiting_.begin(), waiting_.begin() + static_cast<std::ptrdiff_t>(told));
  }

  template <class Next>
  void tell(const Held& held, Next&& next) {
    const json::Text text{held.text};
    open_ = held.kind == Kind::call;
    switch (held.kind) {
      case Kind::text:
        return next(canon::TextDelta{text});
      case Kind::refusal:
        return next(canon::RefusalDelta{text});
      case Kind::reasoning:
        return next(canon::ReasoningDelta{text, held.in_block});
      case Kind::signature:
        return next(canon::ReasoningSignature{text});
      case Kind::redacted:
        return next(canon::RedactedReasoning{text});
      case Kind::call:
        break;
    }
    call_ = held.call;
    end_ = {};
    next(canon::ToolCallStart{held.call, {held.id}, {held.name}});
    if (held.text.empty()) return;
    end_.feed(text);
    next(canon::ToolCallDelta{held.call, text});
  }

  bool open_ = false;  // a call; others need no end
  uint32_t call_ = 0;
  ObjectEnd end_;
  std::vector<Held> waiting_;
};

}  // namespace hanse
