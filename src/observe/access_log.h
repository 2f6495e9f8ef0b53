// One JSON line a request: who asked what of whom, how it ended, how long it took. Never a prompt, never a
// secret.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "canon/event.h"
#include "observe/log_writer.h"

namespace hanse::observe {

struct AccessRecord {
  std::string_view request_id, method, path, dialect, client, model_asked, offer;
  int http_version = 1;
  int status = 0;
  std::string_view error;  // code name, empty when all went well
  bool stream = false;
  int attempts = 0;
  int rescues = 0;  // times that a stream which broke off was carried on
  uint64_t bytes_in = 0, bytes_out = 0;
  canon::Usage usage;
  int64_t first_token_us = -1;
  int64_t duration_us = 0;
};

// One a core: collects lines and hands them over in batches.
class AccessLog {
 public:
  static constexpr size_t kBatchBytes = 128 * 1024;

  explicit AccessLog(LogWriter* writer) : writer_(writer) {}  // nullptr: off
  bool on() const { return writer_ != nullptr; }
  void add(const AccessRecord& record);
  // Hands over what is there; call about every 100 ms and at the end.
  void flush();
  bool pending() const { return lines_ > 0; }

 private:
  LogWriter* writer_;
  std::string batch_;
  uint64_t lines_ = 0;
};

}  // namespace hanse::observe
