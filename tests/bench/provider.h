// A provider with canned answers: OpenAI's dialect on /v1/chat/completions, Anthropic's on /v1/messages, as
// JSON or as a stream when the request asks for one. It refuses (400) requests that arrived short or garbled.
//
//   Provider provider(loop, port, Pace::burst, least_request_bytes);
//   provider.grant(id);   // Pace::on_read: the client `id` has its event, send the next
//   provider.tick();      // Pace::slow: call every 10 ms or so
#pragma once

#include <cstddef>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "support.h"
#include "wire.h"

namespace bench {

class ProviderConnection;

class Provider : public Source {
 public:
  Provider(Loop& loop, int port, Pace pace, std::size_t least_request_bytes);
  ~Provider() override;
  void ready(std::uint32_t events) override;
  void grant(int stream_id);
  void tick();
  // Sends the rest of every open stream at once.
  void finish_streams();

 private:
  friend class ProviderConnection;
  void opened(ProviderConnection& connection, int stream_id);
  void ended(ProviderConnection& connection);
  void closed(ProviderConnection& connection);

  Loop& loop_;
  Pace pace_;
  std::size_t least_request_bytes_;
  std::unordered_map<ProviderConnection*, std::unique_ptr<ProviderConnection>> connections_;
  std::unordered_map<int, ProviderConnection*> streams_;  // by the client's id
  std::int64_t last_tick_ns_ = 0;
  int ticks_ = 0;
};

}  // namespace bench
