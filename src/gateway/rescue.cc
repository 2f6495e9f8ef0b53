#include "gateway/rescue.h"

#include <fmt/format.h>

#include "canon/estimate.h"
#include "gateway/call_state.h"
#include "gateway/provider_request.h"
#include "gateway/relay.h"

namespace hanse::gateway {
namespace {

using canon::Usage;
using Asked = route::Seam::Asked;

std::string escaped(std::string_view plain) {
  std::string out;
  json::escape(plain, out);
  return out;
}

bool is_known(const canon::Raw& raw) { return !raw.json.empty() && raw.json != "null"; }

// Several answers at once, or log probabilities: the reader would see that it was not one model.
bool is_one_text(const canon::Request& request) {
  const bool several = is_known(request.sampling.n) && request.sampling.n.json != "1";
  const bool weighed = is_known(request.sampling.logprobs) && request.sampling.logprobs.json != "false";
  return !several && !weighed && !is_known(request.sampling.top_logprobs);
}

// The request, decoded, and an encoder that has said what went out, where the bytes passed untouched.
Result<void> read_told(CallState& call) {
  if (!call.request) {
    TRY(json::Value root,
        json::scratch().parse(call.body, static_cast<int>(call.view->snapshot->limits.json_depth)));
    TRY(call.request, decode(call, root));
  }
  if (call.told->bytes().empty()) return {};
  call.encoder = call.dialect->reply_encoder(reply_shape(call));
  struct Both final : canon::EventSink {
    Both(canon::EventSink& first, canon::EventSink& second) : a(first), b(second) {}
    canon::EventSink &a, &b;
    void on(const canon::Event& event) override {
      a.on(event);
      b.on(event);
    }
  } both(*call.told, *call.encoder);
  auto decoder = call.told->dialect()->reply_decoder(true);
  auto good = decoder->feed(call.told->bytes(), both);
  call.told->bytes_read();
  call.encoder->out.clear();
  return good;
}

std::string last_word_wish(std::string_view told) {
  std::string_view word = route::Seam::last_word(told);
  word = word.substr(0, word.find_last_not_of(" \t\r\n") + 1);
  std::string out =
      "The connection broke off in the middle of your answer. Go on with it exactly where it ends, without "
      "a comment and without beginning again.";
  if (!word.empty()) out += fmt::format(" Begin with its last word, which may be cut: {}", word);
  return out;
}

bool takes_unfinished_turn(const CallState& call, const ProviderAccess& access, const catalog::Offer& offer) {
  using Mode = canon::ReasoningOptions::Mode;
  const Mode mode = call.request->reasoning.mode;
  if (mode == Mode::budget || mode == Mode::adaptive) return false;
  return access.provider->row.prefill || (offer.known && offer.known->can("prefill"));
}

}  // namespace

void Told::add(std::string_view bytes, const Dialect& dialect) {
  if (beyond_) return;
  dialect_ = &dialect;
  if (bytes_.size() + bytes.size() <= bytes_max_) {
    bytes_ += bytes;
    return;
  }
  beyond_ = true;
  bytes_ = {};
}

void Told::on(const canon::Event& event) {
  if (auto* text = std::get_if<canon::TextDelta>(&event)) {
    if (text_.size() + text->text.escaped.size() > bytes_max_) beyond_ = true;
    if (!beyond_) text_ += text->text.escaped;
    pieces_ += text->text.empty() ? 0 : 1;
  } else if (auto* usage = std::get_if<Usage>(&event)) {
    usage_.update(*usage);
  } else if (std::holds_alternative<canon::ReasoningDelta>(event) ||
             std::holds_alternative<canon::ReasoningSignature>(event) ||
             std::holds_alternative<canon::RedactedReasoning>(event)) {
    thought_ = true;
    beyond_ = beyond_ || !text_.empty();
  } else if (!std::holds_alternative<canon::Start>(event)) {
    beyond_ = true;
  }
}

bool begin_rescue(CallState& call) {
  if (!call.told || !call.told->can_go_on() || !read_told(call)) return false;
  if (!call.told->can_go_on() || !is_one_text(*call.request)) return false;
  if (!call.rescue) call.rescue = std::make_unique<Rescue>();
  Rescue& rescue = *call.rescue;
  rescue.told = json::unescape(canon::Text{call.told->text()});
  rescue.before = call.told->usage();
  // What broke off never said its whole usage.
  if (rescue.before.uncached_in < 0) rescue.before.uncached_in = canon::tokens_in(call.body.size());
  rescue.before.visible_out =
      std::max({rescue.before.visible_out, call.told->pieces(), canon::tokens_in(rescue.told.size())});
  rescue.before.estimated = true;
  call.usage = rescue.before;
  return true;
}

void Rescue::ask(const CallState& call, const ProviderAccess& access, const catalog::Offer& offer) {
  const canon::Request& request = *call.request;
  using Format = canon::OutputFormat::Kind;
  const bool shaped =
      request.output.kind == Format::json_object || request.output.kind == Format::json_schema;
  const bool unfinished = !request.turns.empty() && request.turns.back().role == canon::Role::assistant;
  const size_t solid = told.find_last_not_of(" \t\r\n") + 1;
  turn = escaped(std::string_view(told).substr(0, solid));
  wish.clear();
  asked = Asked::again;
  if (plain || shaped || unfinished || solid == 0) return;
  if (takes_unfinished_turn(call, access, offer)) {
    asked = Asked::to_go_on;
  } else {
    asked = Asked::by_word;
    wish = escaped(last_word_wish(told));
  }
}

Rescue::Turns::Turns(canon::Request& request, const Rescue* rescue)
    : request_(request), turns_(request.turns.size()), output_tokens_max_(request.output_tokens_max) {
  if (!rescue || rescue->asked == Asked::again) return;
  auto add = [&](canon::Role role, std::string_view text) {
    canon::Turn turn;
    turn.role = role;
    turn.parts.push_back({canon::TextPart{{text}, {}, {}}});
    request.turns.push_back(std::move(turn));
  };
  add(canon::Role::assistant, rescue->turn);
  if (rescue->asked == Asked::by_word) add(canon::Role::user, rescue->wish);
  if (request.output_tokens_max)
    request.output_tokens_max = std::max<int64_t>(1, *request.output_tokens_max - rescue->before.visible_out);
}

Rescue::Turns::~Turns() {
  request_.turns.resize(turns_);
  request_.output_tokens_max = output_tokens_max_;
}

void Splice::pass(Result<std::string> text) {
  if (!text) {
    failed_ = true;
    next_.on(canon::Failure{text.error()});
  } else if (!text->empty()) {
    const std::string token = escaped(*text);
    next_.on(canon::TextDelta{{token}});
  }
}

void Splice::on(const canon::Event& event) {
  if (failed_) return;
  if (auto* text = std::get_if<canon::TextDelta>(&event)) return pass(seam_.feed(json::unescape(text->text)));
  if (auto* usage = std::get_if<Usage>(&event)) {
    Usage sum = *usage;
    auto add = [](int64_t& mine, int64_t theirs) {
      if (mine >= 0 && theirs > 0) mine += theirs;
    };
    add(sum.uncached_in, rescue_.before.uncached_in);
    add(sum.cache_read, rescue_.before.cache_read);
    add(sum.visible_out, rescue_.before.visible_out);
    sum.estimated = sum.estimated || rescue_.before.estimated;
    return next_.on(sum);
  }
  if (std::holds_alternative<canon::Start>(event) || std::holds_alternative<canon::ReasoningDelta>(event) ||
      std::holds_alternative<canon::ReasoningSignature>(event) ||
      std::holds_alternative<canon::RedactedReasoning>(event))
    return;
  if (!std::exchange(text_ended_, true) && !std::holds_alternative<canon::Failure>(event))
    pass(seam_.finish());
  if (!failed_) next_.on(event);
}

}  // namespace hanse::gateway
