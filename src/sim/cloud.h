// One simulated cloud: a vendor's paths, checks and words around the simulated model, as a handler for the
// project's own server. One object serves all threads.
//
//   Cloud cloud(openai(), options);
//   net::Server server(cloud, limits, counters);
#pragma once

#include <atomic>
#include <memory>
#include <string>

#include "dialect/dialect.h"
#include "net/exchange.h"
#include "sim/fault.h"
#include "sim/model.h"
#include "sim/prompt_cache.h"
#include "sim/vendor.h"

namespace hanse::sim {

struct CloudOptions {
  uint64_t seed = 0;
  milliseconds ttft{0};
  double tokens_per_second = 0;  // 0: a whole answer in one write
  double fail_rate = 0;          // share of the requests to the model that fail so:
  Fault fail;
  std::string key;  // that clients must send; empty: any
};

// What is to be sent, decided before anything is.
struct Delivery {
  int status = 200;
  HeaderList headers;
  std::string body;                // of an answer without the model
  std::unique_ptr<Script> script;  // else what the model says
  ReplyShape shape;
  Fault fault;
  std::unique_ptr<canon::Request> request;  // which the answer may repeat; it sees the body that it came in
};

class Cloud final : public net::Handler {
 public:
  Cloud(const Vendor& vendor, CloudOptions options)
      : vendor_(vendor),
        dialect_(find_dialect(vendor.dialect())),
        options_(std::move(options)),
        ids_(options_.seed ^ 0x1d5) {}

  net::Task<void> handle(net::Exchange& exchange) override;
  net::Refusal refusal(const Error& error, std::string_view target) override;

  // The pure part: everything but sending.
  Delivery prepare(const http::RequestHead& head, std::string_view body);

 private:
  Delivery refuse(const CloudError& error, const std::string& request_id) const;
  Delivery answer(std::string body, const std::string& request_id) const;
  Delivery list_models(const PathAsk& ask, const std::string& request_id) const;
  Delivery ask_model(const PathAsk& ask, std::string_view query, std::string_view body,
                     const std::string& request_id);
  Delivery play_model(const canon::Request& request, std::string_view query, const std::string& request_id);
  Delivery fail(Delivery delivery, Fault fault, const std::string& request_id) const;
  std::string next_request_id();

  const Vendor& vendor_;
  const Dialect* dialect_;
  CloudOptions options_;
  PromptCache cache_;
  std::atomic<uint64_t> requests_{0};
  std::mutex ids_mutex_;
  Random ids_;
};

// Sends it at its pace, with its faults. cloud_sending.cc.
net::Task<void> deliver(net::Exchange& exchange, const Vendor& vendor, const Dialect& dialect,
                        Delivery& delivery);

}  // namespace hanse::sim
