// Carrying on a stream that broke off after some of it went out: what the client has been told, what another
// model is asked, and how its events join what stands.
//
//   call.told = Told::of(call);                      // while a stream goes out and others are left
//   if (begin_rescue(call)) attempt(call, next);     // it broke off: the next attempt goes on where it ended
//
// Only text is carried on. A stream that broke off in a tool call, in what the model thinks, in a refusal, or
// that the reader would not take for the same (several answers, log probabilities) ends as a failure.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "canon/event.h"
#include "canon/request.h"
#include "catalog/snapshot.h"
#include "route/seam.h"

namespace hanse {
class Dialect;
}

namespace hanse::gateway {

struct CallState;
struct ProviderAccess;

// What went out of a stream. Untouched bytes are only kept, and read when they are needed; events are
// read as they pass.
class Told final : public canon::EventSink {
 public:
  explicit Told(size_t bytes_max) : bytes_max_(bytes_max) {}

  void add(std::string_view bytes, const Dialect& dialect);
  void on(const canon::Event& event) override;

  const std::string& text() const { return text_; }  // as the inside of a JSON string
  bool can_go_on() const { return !beyond_ && !(thought_ && text_.empty()); }
  const canon::Usage& usage() const { return usage_; }
  int64_t pieces() const { return pieces_; }  // of the text: mostly a token each, seldom less
  // What was kept as bytes, with the language it is in; empty: all was read as it passed.
  std::string_view bytes() const { return bytes_; }
  const Dialect* dialect() const { return dialect_; }
  void bytes_read() { bytes_.clear(); }

 private:
  size_t bytes_max_;
  std::string bytes_, text_;
  const Dialect* dialect_ = nullptr;
  canon::Usage usage_;
  int64_t pieces_ = 0;
  bool thought_ = false;
  bool beyond_ = false;  // more than text, or more than is kept
};

// The attempt that carries on.
struct Rescue {
  std::string told;  // the text so far, plain
  canon::Usage before;
  route::Seam::Asked asked = route::Seam::Asked::again;
  bool plain = false;      // this offer is asked for the whole again: it takes no turns behind
  std::string turn, wish;  // what the next model is shown, as the insides of JSON strings

  // How this offer is asked: a model that takes its own unfinished turn goes on by itself.
  void ask(const CallState& call, const ProviderAccess& access, const catalog::Offer& offer);
  // The turns that are added to the request for it, and taken off again.
  class Turns {
   public:
    Turns(canon::Request& request, const Rescue* rescue);
    ~Turns();
    Turns(const Turns&) = delete;

   private:
    canon::Request& request_;
    size_t turns_;
    std::optional<int64_t> output_tokens_max_;
  };
};

// After a stream broke off: whether another offer may carry it on. Then call.rescue and call.encoder are
// there.
bool begin_rescue(CallState& call);

// Joins the events of an attempt that carries on to those before: no second beginning, no text twice, usage
// as the sum.
class Splice final : public canon::EventSink {
 public:
  Splice(const Rescue& rescue, canon::EventSink& next)
      : rescue_(rescue), next_(next), seam_(rescue.told, rescue.asked) {}
  void on(const canon::Event& event) override;

 private:
  void pass(Result<std::string> text);

  const Rescue& rescue_;
  canon::EventSink& next_;
  route::Seam seam_;
  bool failed_ = false;
  bool text_ended_ = false;
};

}  // namespace hanse::gateway
