// Watches the events of an answer on their way to the encoder: usage, the first content, how it ended. It
// stands before the encoder only to keep a Failure from it, which the relay words itself.
#pragma once

#include <optional>

#include "gateway/call_state.h"

namespace hanse::gateway {

class Tally final : public canon::EventSink {
 public:
  Tally(CallState& call, canon::EventSink& next) : call_(call), next_(next) {}

  void on(const canon::Event& event) override {
    if (auto* failed = std::get_if<canon::Failure>(&event)) {
      failure = failed->error;
      return;
    }
    if (auto* start = std::get_if<canon::Start>(&event); start && start->model.empty())
      return name_model(*start);
    if (auto* usage = std::get_if<canon::Usage>(&event))
      call_.usage.update(*usage);
    else if (!content_seen && !std::holds_alternative<canon::Start>(event))
      first_content();
    if (call_.told) call_.told->on(event);
    next_.on(event);
  }

  bool content_seen = false;
  std::optional<Error> failure;

 private:
  // Languages that name the model in the path don't say it again: it is the one that was asked.
  void name_model(canon::Start start) {
    std::string escaped;
    json::escape(std::string_view(call_.offer).substr(call_.offer.find('/') + 1), escaped);
    start.model = {escaped};
    next_.on(start);
  }
  void first_content() {
    content_seen = true;
    call_.content_deadline = kNever;
    if (call_.first_content == kNever) call_.first_content = net::Reactor::current().now();
  }
  CallState& call_;
  canon::EventSink& next_;
};

}  // namespace hanse::gateway
