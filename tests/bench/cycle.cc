// The load and the provider of the benchmark, in one process and one loop. run.py starts it, pinned on its
// own core.
//
//   cycle provide provider=PORT
//       answers until it is ended (for looking at answers by hand)
//   cycle drive provider=PORT case=NAME slice=SECONDS rounds=N TARGET...
//       cycles through the targets in slices, until N rounds were undisturbed or 2 N are done; a line a
//       slice: target, round, requests, CPU ns within the slice, CPU ns since its slice before, wall ns, CPU
//       ns of the load itself, ns that server or load (the worse) stood waiting for its core
//   cycle hold provider=PORT case=idle|slow_stream count=N TARGET
//       holds N connections or streams at once; one line: RSS kB before and while they are held, how many
//       were alive
//
// TARGET is name:port:pid:model[:translated].
#include <unistd.h>
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "load.h"
#include "provider.h"
#include "support.h"
#include "wire.h"

namespace bench {
namespace {

constexpr std::int64_t kSecond = 1'000'000'000;
constexpr std::int64_t kPatienceNs = 10 * kSecond;  // without any answer, before a server counts as stuck
constexpr double kDisturbed = 0.04;  // share of a slice lost to other work that spoils its round
constexpr int kSettleMs = 5;         // for a server to finish what follows an answer (its log line)

struct Target {
  Plan plan;
  int pid = 0;
  std::vector<std::unique_ptr<Client>> clients;
  std::int64_t cpu_at_end = 0;  // of its last slice
};

struct Options {
  std::string verb;
  int provider_port = 0;
  double slice_s = 0.4;
  int rounds = 9;
  int count = 0;
  const Case* what = nullptr;
  std::vector<Target> targets;
};

std::vector<std::string> split(std::string_view text, char separator) {
  std::vector<std::string> parts;
  for (std::size_t at = 0; at <= text.size();) {
    const std::size_t end = std::min(text.find(separator, at), text.size());
    parts.emplace_back(text.substr(at, end - at));
    at = end + 1;
  }
  return parts;
}

Target parse_target(const std::string& text, const Case& what) {
  const std::vector<std::string> parts = split(text, ':');
  if (parts.size() < 4) die("not a target: " + text);
  Target target;
  target.plan = {parts[0], std::atoi(parts[1].c_str()), parts[3], what, parts.size() > 4};
  target.pid = std::atoi(parts[2].c_str());
  return target;
}

Options parse_options(int argc, char** argv) {
  Options options;
  if (argc > 1) options.verb = argv[1];
  for (int i = 2; i < argc; ++i) {
    const std::vector<std::string> pair = split(argv[i], '=');
    const std::string& value = pair.back();
    if (pair.size() == 1) {
      if (!options.what) die("the case comes before the targets");
      options.targets.push_back(parse_target(value, *options.what));
    } else if (pair[0] == "provider") {
      options.provider_port = std::atoi(value.c_str());
    } else if (pair[0] == "slice") {
      options.slice_s = std::atof(value.c_str());
    } else if (pair[0] == "rounds") {
      options.rounds = std::atoi(value.c_str());
    } else if (pair[0] == "count") {
      options.count = std::atoi(value.c_str());
    } else if (pair[0] == "case") {
      options.what = find_case(value);
      if (!options.what) die("no such case: " + value);
    } else {
      die("no such option: " + pair[0]);
    }
  }
  return options;
}

// The provider refuses requests that lost more than the name of a model. Translation may rename fields.
std::size_t least_bytes(const Case& what) { return what.request_bytes * 9 / 10; }

// Keeps a closed loop going on one target at a time.
class Driver : public ClientWatcher {
 public:
  explicit Driver(const Options& options)
      : provider_(loop_, options.provider_port, options.what->pace, least_bytes(*options.what)) {}

  void connect(Target& target) {
    for (int i = 0; i < target.plan.what.connections; ++i) {
      target.clients.push_back(std::make_unique<Client>(loop_, target.plan, *this, next_id_++));
    }
  }

  // Returns the share of the slice that was lost to other work on the machine.
  double slice(Target& target, double seconds, int round) {
    const Books before = books_of(target.pid);
    const Books load_before = books_of(getpid());
    const std::int64_t begin = now_ns();
    answers_ = 0;
    run(target, begin + static_cast<std::int64_t>(seconds * 1e9));
    const std::int64_t wall = now_ns() - begin;
    const Books load_after = books_of(getpid());
    // All answers are in. A server may still owe the log lines for them: that work belongs to this slice.
    sleep_ms(kSettleMs);
    const Books after = books_of(target.pid);
    const std::int64_t waited =
        std::max(after.waited_ns - before.waited_ns, load_after.waited_ns - load_before.waited_ns);
    std::printf("%s\t%d\t%ld\t%ld\t%ld\t%ld\t%ld\t%ld\n", target.plan.server.c_str(), round, answers_,
                after.cpu_ns - before.cpu_ns, after.cpu_ns - target.cpu_at_end, wall,
                load_after.cpu_ns - load_before.cpu_ns, waited);
    std::fflush(stdout);
    target.cpu_at_end = after.cpu_ns;
    return static_cast<double>(waited) / static_cast<double>(wall);
  }

  void answered(Client& client) override {
    ++answers_;
    last_answer_ns_ = now_;
    if (open_) {
      client.start();
    } else {
      --in_flight_;
    }
  }

  void event_arrived(Client& client) override { provider_.grant(client.id()); }

 private:
  void run(Target& target, std::int64_t deadline) {
    open_ = true;
    in_flight_ = static_cast<int>(target.clients.size());
    last_answer_ns_ = now_ = now_ns();
    for (const auto& client : target.clients) client->start();
    while (in_flight_ > 0) {
      loop_.turn(100);
      now_ = now_ns();
      open_ = now_ < deadline;
      if (now_ - last_answer_ns_ > kPatienceNs) die(target.plan.server + ": no answer for 10 s");
    }
  }

  Loop loop_;
  Provider provider_;
  int next_id_ = 0;
  bool open_ = false;
  int in_flight_ = 0;
  long answers_ = 0;
  std::int64_t now_ = 0;
  std::int64_t last_answer_ns_ = 0;
};

int drive(Options& options) {
  Driver driver(options);
  for (Target& target : options.targets) driver.connect(target);
  const std::size_t count = options.targets.size();
  // Round 0 opens the connections and warms up; run.py leaves it out.
  int quiet = 0;
  for (int round = 0; round <= 2 * options.rounds && quiet < options.rounds; ++round) {
    const double seconds = round == 0 ? options.slice_s / 4 : options.slice_s;
    double lost = 0;
    for (std::size_t i = 0; i < count; ++i) {
      Target& target = options.targets[(i + static_cast<std::size_t>(round)) % count];
      lost = std::max(lost, driver.slice(target, seconds, round));
    }
    if (round > 0 && lost < kDisturbed) ++quiet;
  }
  return 0;
}

// Holds many connections at once and proves that each is alive.
class Holder : public ClientWatcher {
 public:
  Holder(const Options& options, Target& target)
      : target_(target),
        provider_(loop_, options.provider_port, options.what->pace, least_bytes(*options.what)) {
    // A stream has two ends here: the client, and what the server opens to the provider.
    raise_open_files(static_cast<std::uint64_t>(options.count) * (options.what->stream ? 2 : 1) + 500);
    warm_plan_ = target.plan;
    warm_plan_.what.stream = false;
    for (std::size_t i = 0; i < kAtOnce; ++i) {
      warm_.push_back(std::make_unique<Client>(loop_, warm_plan_, *this, 0));
    }
    for (int i = 0; i < options.count; ++i) {
      target.clients.push_back(std::make_unique<Client>(loop_, target.plan, *this, i));
    }
  }

  void idle() {
    const std::int64_t base = warm_base();
    each_once(target_.clients);
    spin(1.0);
    const std::int64_t held = rss_kb(target_.pid);
    each_once(target_.clients);  // dies if one of them was closed meanwhile
    report(base, held);
  }

  void slow_streams() {
    const std::int64_t base = warm_base();
    for (std::size_t next = 0; next < target_.clients.size() || opened_ < target_.clients.size();) {
      while (next < target_.clients.size() && next - opened_ < kAtOnce) target_.clients[next++]->start();
      turn();
    }
    std::int64_t held = 0;
    for (int i = 0; i < 12; ++i) {  // 3 s: six events on each stream
      spin(0.25);
      held = std::max(held, rss_kb(target_.pid));
    }
    const auto lives = [](const auto& client) { return client->busy() && client->events() >= 4; };
    if (!std::ranges::all_of(target_.clients, lives))
      die(target_.plan.server + ": some slow streams stand still");
    in_flight_ = target_.clients.size();
    provider_.finish_streams();
    while (in_flight_ > 0) turn();  // every stream is now compared to its last byte
    report(base, held);
  }

  void answered(Client&) override {
    last_news_ns_ = now_ns();
    if (in_flight_ > 0) --in_flight_;
  }

  void event_arrived(Client& client) override {
    last_news_ns_ = now_ns();
    if (client.events() == 1) ++opened_;
  }

 private:
  static constexpr std::size_t kAtOnce =
      16;  // while opening: many requests in flight would leave their own traces

  // What the first requests make a process fetch (its blocks, its pool) is not the price of a connection.
  std::int64_t warm_base() {
    each_once(warm_);
    spin(0.3);
    return rss_kb(target_.pid);
  }

  void each_once(const std::vector<std::unique_ptr<Client>>& clients) {
    std::size_t next = 0;
    in_flight_ = 0;
    while (next < clients.size() || in_flight_ > 0) {
      while (next < clients.size() && in_flight_ < kAtOnce) {
        ++in_flight_;
        clients[next++]->start();
      }
      turn();
    }
  }

  void spin(double seconds) {
    last_news_ns_ = now_ns();
    const std::int64_t end = now_ns() + static_cast<std::int64_t>(seconds * 1e9);
    while (now_ns() < end) turn();
  }

  void turn() {
    loop_.turn(5);
    provider_.tick();
    if (last_news_ns_ == 0) last_news_ns_ = now_ns();
    if (now_ns() - last_news_ns_ > kPatienceNs) die(target_.plan.server + ": nothing for 10 s");
  }

  void report(std::int64_t base, std::int64_t held) {
    std::printf("%s\t%ld\t%ld\t%zu\n", target_.plan.server.c_str(), base, held, target_.clients.size());
  }

  Target& target_;
  Loop loop_;
  Provider provider_;
  Plan warm_plan_;
  std::vector<std::unique_ptr<Client>> warm_;
  std::size_t in_flight_ = 0;
  std::size_t opened_ = 0;
  std::int64_t last_news_ns_ = 0;
};

int hold(Options& options) {
  if (options.targets.size() != 1) die("hold wants one target");
  Holder holder(options, options.targets[0]);
  if (options.what->stream) {
    holder.slow_streams();
  } else {
    holder.idle();
  }
  return 0;
}

int provide(const Options& options) {
  Loop loop;
  Provider provider(loop, options.provider_port, Pace::burst, 2);
  for (;;) loop.turn(1000);
}

int main_(int argc, char** argv) {
  Options options = parse_options(argc, argv);
  if (options.verb == "provide") return provide(options);
  if (!options.what || options.targets.empty()) die("wants a case and a target; see the head of cycle.cc");
  if (options.verb == "drive") return drive(options);
  if (options.verb == "hold") return hold(options);
  die("no such verb: " + options.verb);
}

}  // namespace
}  // namespace bench

int main(int argc, char** argv) { return bench::main_(argc, argv); }
