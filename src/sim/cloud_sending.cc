#include "sim/cloud.h"

namespace hanse::sim {
namespace {

constexpr int kTokensBeforeFault = 3;

// Waits until `when`; false when the client has left.
net::Task<bool> wait_until(net::Exchange& exchange, Time when) {
  net::Bounds bounds{when, &exchange.cancel()};
  if (exchange.cancel().fired()) co_return false;
  if (when <= net::Reactor::current().now()) co_return true;
  bool came = co_await net::sleep(bounds);
  co_return came;
}

std::vector<net::HeaderField> fields_of(const HeaderList& headers) {
  std::vector<net::HeaderField> out;
  for (const auto& [name, value] : headers) out.push_back({name, value});
  return out;
}

// The end of an answer that isn't whole.
net::Task<void> break_off(net::Exchange& exchange, const Vendor& vendor, const Dialect& dialect,
                          const Delivery& delivery) {
  if (delivery.fault.kind == Fault::Kind::stream) {
    std::string last_words = vendor.stream_error(delivery.shape.request_id);
    if (auto framed = dialect.client_frame(delivery.shape.query).error)
      last_words = framed(Error(Code::provider_failed, "the simulated cloud was asked to fail"));
    (void)co_await exchange.write(last_words, true);
    co_return;
  }
  if (delivery.fault.kind == Fault::Kind::stall) (void)co_await wait_until(exchange, kNever);
  exchange.abort();
}

bool breaks_off(const Fault& fault) {
  return fault.kind == Fault::Kind::stream || fault.kind == Fault::Kind::cut ||
         fault.kind == Fault::Kind::stall;
}

net::Task<void> send_stream(net::Exchange& exchange, const Vendor& vendor, const Dialect& dialect,
                            const Delivery& delivery) {
  const auto& steps = delivery.script->steps;
  size_t end = breaks_off(delivery.fault) ? delivery.script->steps_for(kTokensBeforeFault) : steps.size();
  auto encoder = dialect.reply_encoder(delivery.shape);
  Time begun = net::Reactor::current().now();
  auto fields = fields_of(delivery.headers);
  bool first = true;
  for (size_t next = 0; next < end;) {
    bool there = co_await wait_until(exchange, begun + steps[next].after);
    if (!there) co_return exchange.abort();
    if (next == 0) exchange.start(delivery.status, fields);
    Time now = net::Reactor::current().now();
    for (; next < end && begun + steps[next].after <= now; ++next) {
      encoder->on(steps[next].event);
      if (size_t frame = first ? encoder->out.find("\n\n") : std::string::npos; frame != std::string::npos) {
        encoder->out.insert(frame + 2, vendor.after_first_event());
        first = false;
      }
    }
    auto sent = co_await exchange.write(encoder->out, next == steps.size());
    if (!sent) co_return;
    encoder->out.clear();
  }
  if (end < steps.size()) co_await break_off(exchange, vendor, dialect, delivery);
}

net::Task<void> send_whole(net::Exchange& exchange, const Vendor& vendor, const Dialect& dialect,
                           const Delivery& delivery) {
  std::string encoded = delivery.body;
  if (delivery.script) {
    auto encoder = dialect.reply_encoder(delivery.shape);
    for (const Step& step : delivery.script->steps) encoder->on(step.event);
    encoded = std::move(encoder->out);
    bool there =
        co_await wait_until(exchange, net::Reactor::current().now() + delivery.script->steps.back().after);
    if (!there) co_return exchange.abort();
  }
  auto fields = fields_of(delivery.headers);
  if (!breaks_off(delivery.fault)) {
    (void)co_await exchange.answer(delivery.status, fields, encoded);
    co_return;
  }
  exchange.start(delivery.status, fields, static_cast<int64_t>(encoded.size()));
  std::string_view half = std::string_view(encoded).substr(0, encoded.size() / 2);
  auto sent = co_await exchange.write(half, false);
  if (sent) co_await break_off(exchange, vendor, dialect, delivery);
}

}  // namespace

net::Task<void> deliver(net::Exchange& exchange, const Vendor& vendor, const Dialect& dialect,
                        Delivery& delivery) {
  if (delivery.fault.kind == Fault::Kind::reset) {
    // Begun, so that the server doesn't answer in our place; nothing of it was sent yet.
    exchange.start(200, {});
    exchange.abort();
    co_return;
  }
  if (delivery.script && delivery.shape.stream)
    co_await send_stream(exchange, vendor, dialect, delivery);
  else
    co_await send_whole(exchange, vendor, dialect, delivery);
}

}  // namespace hanse::sim
