// Writes lines to a file, a pipe or stderr on a thread of its own, so that a slow or full disk never stops a
// request. Cores hand over batches (one short lock each, not per line); when the writer falls behind or the
// disk is full, lines are dropped and counted, never blocked on.
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <string>
#include <thread>

#include "base/error.h"

namespace hanse::observe {

class LogWriter {
 public:
  static constexpr size_t kPendingBytesMax = 8 * 1024 * 1024;

  // "stdout", "stderr" or a path (appended to). "off" must not be opened.
  static Result<std::unique_ptr<LogWriter>> open(const std::string& where);
  ~LogWriter();  // writes what is pending

  // Takes whole lines and leaves `lines` empty, often with room from before. Thread-safe.
  void take(std::string& lines, uint64_t count);
  void reopen();  // after rotation
  uint64_t dropped() const { return dropped_.load(std::memory_order_relaxed); }

 private:
  LogWriter(std::string where, int fd);
  void run();
  void write_out(const std::string& batch, uint64_t lines);
  int open_file() const;

  std::string where_;
  int fd_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::string pending_;
  std::string spare_;  // room that was written out, for the next who comes
  uint64_t pending_lines_ = 0;
  bool stop_ = false;
  bool reopen_ = false;
  bool complained_ = false;
  std::atomic<uint64_t> dropped_{0};
  std::thread thread_;
};

}  // namespace hanse::observe
