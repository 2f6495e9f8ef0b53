#include "observe/log_writer.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <memory>

namespace hanse::observe {

Result<std::unique_ptr<LogWriter>> LogWriter::open(const std::string& where) {
  auto writer = std::unique_ptr<LogWriter>(new LogWriter(where, -1));
  writer->fd_ = writer->open_file();
  if (writer->fd_ < 0)
    return fail(Code::bad_request, "can't write the log '" + where + "': " + std::strerror(errno));
  writer->thread_ = std::thread([w = writer.get()] { w->run(); });
  return writer;
}

LogWriter::LogWriter(std::string where, int fd) : where_(std::move(where)), fd_(fd) {}

int LogWriter::open_file() const {
  if (where_ == "stdout") return STDOUT_FILENO;
  if (where_ == "stderr") return STDERR_FILENO;
  return ::open(where_.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0640);
}

LogWriter::~LogWriter() {
  {
    std::lock_guard lock(mutex_);
    stop_ = true;
  }
  changed_.notify_one();
  if (thread_.joinable()) thread_.join();
  if (fd_ > STDERR_FILENO) ::close(fd_);
}

void LogWriter::take(std::string& lines, uint64_t count) {
  {
    std::lock_guard lock(mutex_);
    if (pending_.size() + lines.size() > kPendingBytesMax) {
      dropped_.fetch_add(count, std::memory_order_relaxed);
      lines.clear();
      return;
    }
    if (pending_.empty()) {
      pending_.swap(lines);
      lines.swap(spare_);
    } else {
      pending_ += lines;
    }
    lines.clear();
    pending_lines_ += count;
  }
  changed_.notify_one();
}

void LogWriter::reopen() {
  std::lock_guard lock(mutex_);
  reopen_ = true;
}

void LogWriter::run() {
  std::unique_lock lock(mutex_);
  while (true) {
    changed_.wait(lock, [&] { return stop_ || !pending_.empty(); });
    std::string batch = std::exchange(pending_, {});
    uint64_t lines = std::exchange(pending_lines_, 0);
    bool again = std::exchange(reopen_, false);
    bool stop = stop_;
    lock.unlock();
    if (again && fd_ > STDERR_FILENO) {
      int fresh = open_file();
      if (fresh >= 0) ::close(std::exchange(fd_, fresh));
    }
    write_out(batch, lines);
    lock.lock();
    batch.clear();
    constexpr size_t kSpareBytesMax = 512 * 1024;
    if (batch.capacity() <= kSpareBytesMax) spare_ = std::move(batch);
    if (stop && pending_.empty()) return;
  }
}

void LogWriter::write_out(const std::string& batch, uint64_t lines) {
  size_t done = 0;
  while (done < batch.size()) {
    ssize_t n = ::write(fd_, batch.data() + done, batch.size() - done);
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) {
      dropped_.fetch_add(lines, std::memory_order_relaxed);
      if (!std::exchange(complained_, true) && fd_ != STDERR_FILENO)
        std::fprintf(stderr, "hanse: can't write the log '%s': %s; lines are dropped and counted\n",
                     where_.c_str(), std::strerror(errno));
      return;
    }
    done += static_cast<size_t>(n);
  }
  complained_ = false;
}

}  // namespace hanse::observe
