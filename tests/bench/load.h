// A client on one kept-alive connection. It sends its one request whenever told to, and checks every answer:
// the status, each byte when the server must not touch them, the count of events and the end of the stream
// when it translates.
#pragma once

#include <string>
#include <string_view>

#include "http.h"
#include "support.h"
#include "wire.h"

namespace bench {

class Client;

class ClientWatcher {
 public:
  virtual ~ClientWatcher() = default;
  virtual void answered(Client& client) = 0;
  virtual void event_arrived(Client& client) = 0;
};

// What all clients of one server have in common.
struct Plan {
  std::string server;  // for messages
  int port = 0;
  std::string model;
  Case what;
  bool translated = false;  // the answer was Anthropic's and is to be OpenAI's
};

class Client : public Source {
 public:
  Client(Loop& loop, const Plan& plan, ClientWatcher& watcher, int id);
  void start();
  void ready(std::uint32_t events) override;
  bool busy() const { return busy_; }
  int id() const { return id_; }
  std::size_t events() const { return events_; }  // of the answer at hand

 private:
  void send_rest();
  void take(std::string_view bytes);
  bool take_head(std::string_view& bytes);
  void take_body(std::string_view piece);
  [[noreturn]] void wrong_bytes(std::string_view piece) const;
  void count_events();
  void finish();
  void check_translated() const;
  [[noreturn]] void wrong(const std::string& why) const;

  Loop& loop_;
  const Plan& plan_;
  ClientWatcher& watcher_;
  const Answers& expected_;
  const std::string& expected_body_;
  int id_;
  std::string request_;
  std::size_t sent_ = 0;
  std::string head_;  // while it has not come whole
  bool head_done_ = false;
  BodyDecoder decoder_;
  std::size_t got_ = 0;  // payload bytes of this answer
  std::size_t events_ = 0;
  std::string translated_;  // kept whole only when it is to be searched
  bool busy_ = false;
};

}  // namespace bench
