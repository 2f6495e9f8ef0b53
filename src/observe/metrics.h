// Metrics: counted on the core where things happen, without locks; a scrape copies each core's on that core
// and merges the copies. Rendered as Prometheus text. Names follow the OpenTelemetry GenAI conventions where
// they have one (gen_ai_server_request_duration_seconds, ...), and start with hanse_ where they don't.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/error.h"
#include "canon/event.h"

namespace hanse::observe {

// Seconds, the buckets that the conventions advise for durations and for time to first token.
struct Histogram {
  static constexpr std::array<double, 14> kBounds{0.01, 0.02, 0.04, 0.08,  0.16,  0.32,  0.64,
                                                  1.28, 2.56, 5.12, 10.24, 20.48, 40.96, 81.92};
  std::array<uint64_t, kBounds.size() + 1> counts{};
  double sum = 0;
  void add(double seconds);
  void merge(const Histogram& other);
};

// What is counted for one (dialect of the client, provider, model).
struct OfferSeries {
  std::string labels;                   // rendered once
  uint64_t answers = 0;                 // answered whole
  std::array<uint64_t, 32> failures{};  // attempts that failed, by Code
  uint64_t input_tokens = 0, output_tokens = 0, cache_read_tokens = 0, cache_write_tokens = 0,
           reasoning_tokens = 0;
  Histogram duration, first_token;
  void merge(const OfferSeries& other);
};

struct Gauges {  // of this moment, filled by the scrape
  int64_t in_flight = 0;
  int64_t connections = 0;
  int64_t provider_connections = 0;
  int64_t buffered_bytes = 0;
  void merge(const Gauges& other);
};

// For a label in quotes.
std::string label_value(std::string_view text);

class Metrics {
 public:
  // Room for this many series a core; later ones are counted under provider and model "other".
  static constexpr size_t kSeriesMax = 2000;
  static constexpr size_t kNameBytesMax = 200;  // of a model's name; what is behind is cut off

  OfferSeries& offer(std::string_view dialect, std::string_view provider, std::string_view model);
  // Once a request. `dialect` is the name of one of ours, which stays.
  void answered(std::string_view dialect, int status) { ++answered_count(dialect, status); }
  void failed(Code code) { ++errors_[static_cast<size_t>(code)]; }
  void tokens(OfferSeries& series, const canon::Usage& usage);

  uint64_t bytes_from_clients = 0, bytes_to_clients = 0, bytes_from_providers = 0, bytes_to_providers = 0;
  uint64_t repeated = 0;                // attempts at the same offer once more
  uint64_t carried_on = 0;              // streams that broke off, and that another offer was asked to finish
  uint64_t carried_on_whole = 0;        // of those, the ones that came to their end
  uint64_t hedged = 0, hedges_won = 0;  // requests asked of a second offer for the first was late
  uint64_t spend = 0;                   // picodollars, by the catalogue's prices, of what has one
  uint64_t extra_spend = 0;             // picodollars that repetitions and hedges may have cost
  uint64_t shed = 0;                    // requests refused for no offer had room
  uint64_t shares_bent = 0;             // requests for an offer above its share, for nobody else was left
  uint64_t drilled = 0;                 // attempts that a drill made fail
  uint64_t events_unknown = 0;          // of providers' streams, stepped over
  uint64_t log_lines_dropped = 0;
  uint64_t reloads = 0, reloads_refused = 0;
  Gauges gauges;

  void merge(const Metrics& other);
  std::string render() const;

  // Sums: of requests that were answered, with an error too; of those that ended in an error which wasn't the
  // client's fault; the times to the first token.
  uint64_t requests() const;
  uint64_t failed_requests() const;
  Histogram first_tokens() const;

 private:
  void render_plain(std::string& out) const;  // those without labels of an offer
  std::unordered_map<std::string, OfferSeries> offers_;
  struct Answered {
    std::string_view dialect;
    int status = 0;
    uint64_t count = 0;
  };
  uint64_t& answered_count(std::string_view dialect, int status);
  std::vector<Answered> requests_;  // few, and the usual ones come first
  std::array<uint64_t, 32> errors_{};
  std::string key_;  // scratch for look-ups
};

}  // namespace hanse::observe
