#include "observe/metrics.h"

#include <unistd.h>

#include <dirent.h>
#include <cstdio>
#include <ctime>

#include <fmt/format.h>

#include "base/json.h"

namespace hanse::observe {
namespace {

void head(std::string& out, std::string_view name, std::string_view type, std::string_view help) {
  out += fmt::format("# HELP {} {}\n# TYPE {} {}\n", name, help, name, type);
}

void line(std::string& out, std::string_view name, std::string_view labels, uint64_t value) {
  if (labels.empty())
    out += fmt::format("{} {}\n", name, value);
  else
    out += fmt::format("{}{{{}}} {}\n", name, labels, value);
}

void simple(std::string& out, std::string_view name, std::string_view type, std::string_view help,
            double value) {
  head(out, name, type, help);
  out += fmt::format("{} {}\n", name, value);
}

void histogram(std::string& out, std::string_view name, std::string_view labels, const Histogram& h) {
  uint64_t total = 0;
  for (size_t i = 0; i < h.counts.size(); ++i) {
    total += h.counts[i];
    std::string bound = i < Histogram::kBounds.size() ? fmt::format("{}", Histogram::kBounds[i]) : "+Inf";
    out += fmt::format("{}_bucket{{{},le=\"{}\"}} {}\n", name, labels, bound, total);
  }
  out += fmt::format("{}_sum{{{}}} {}\n{}_count{{{}}} {}\n", name, labels, h.sum, name, labels, total);
}

int64_t open_files() {
  int64_t count = 0;
  if (DIR* dir = ::opendir("/proc/self/fd")) {
    while (::readdir(dir)) ++count;
    ::closedir(dir);
  }
  return count - 3;  // ".", ".." and the directory itself
}

void process(std::string& out) {
  long pages = 0, resident = 0;
  if (FILE* f = std::fopen("/proc/self/statm", "r")) {
    if (std::fscanf(f, "%ld %ld", &pages, &resident) != 2) resident = 0;
    std::fclose(f);
  }
  timespec cpu{};
  ::clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &cpu);
  simple(out, "process_resident_memory_bytes", "gauge", "Resident memory.",
         static_cast<double>(resident * ::sysconf(_SC_PAGESIZE)));
  simple(out, "process_open_fds", "gauge", "Open file descriptors.", static_cast<double>(open_files()));
  simple(out, "process_cpu_seconds_total", "counter", "CPU time used.",
         static_cast<double>(cpu.tv_sec) + static_cast<double>(cpu.tv_nsec) * 1e-9);
}

template <class Add>
void per_offer(std::string& out, const std::unordered_map<std::string, OfferSeries>& offers,
               std::string_view name, std::string_view type, std::string_view help, Add add) {
  head(out, name, type, help);
  for (const auto& [key, series] : offers) add(series);
}

}  // namespace

// Clients choose names too: they are cut, and are UTF-8 afterwards, which those who scrape insist on.
std::string label_value(std::string_view text) {
  std::string out, utf8;
  json::escape(text.substr(0, Metrics::kNameBytesMax), utf8);
  for (char c : json::unescape({utf8})) {
    if (c == '\\' || c == '"') out += '\\';
    if (c == '\n')
      out += "\\n";
    else
      out += c;
  }
  return out;
}

void Histogram::add(double seconds) {
  size_t i = 0;
  while (i < kBounds.size() && seconds > kBounds[i]) ++i;
  ++counts[i];
  sum += seconds;
}

void Histogram::merge(const Histogram& other) {
  for (size_t i = 0; i < counts.size(); ++i) counts[i] += other.counts[i];
  sum += other.sum;
}

void OfferSeries::merge(const OfferSeries& other) {
  labels = other.labels;
  answers += other.answers;
  for (size_t i = 0; i < failures.size(); ++i) failures[i] += other.failures[i];
  input_tokens += other.input_tokens;
  output_tokens += other.output_tokens;
  cache_read_tokens += other.cache_read_tokens;
  cache_write_tokens += other.cache_write_tokens;
  reasoning_tokens += other.reasoning_tokens;
  duration.merge(other.duration);
  first_token.merge(other.first_token);
}

void Gauges::merge(const Gauges& other) {
  in_flight += other.in_flight;
  connections += other.connections;
  provider_connections += other.provider_connections;
  buffered_bytes += other.buffered_bytes;
}

OfferSeries& Metrics::offer(std::string_view dialect, std::string_view provider, std::string_view model) {
  model = model.substr(0, kNameBytesMax);
  key_.assign(dialect).append(1, '\0').append(provider).append(1, '\0').append(model);
  auto found = offers_.find(key_);
  if (found != offers_.end()) return found->second;
  if (offers_.size() >= kSeriesMax && model != "other") return offer(dialect, "other", "other");
  OfferSeries& series = offers_[key_];
  series.labels = fmt::format(
      "gen_ai_operation_name=\"chat\",gen_ai_provider_name=\"{}\",gen_ai_request_model=\"{}\",client_dialect="
      "\"{}\"",
      label_value(provider), label_value(model), dialect);
  return series;
}

uint64_t& Metrics::answered_count(std::string_view dialect, int status) {
  for (Answered& known : requests_)
    if (known.status == status && known.dialect == dialect) return known.count;
  return requests_.emplace_back(dialect, status).count;
}

void Metrics::tokens(OfferSeries& series, const canon::Usage& usage) {
  auto known = [](int64_t n) { return static_cast<uint64_t>(canon::Usage::zero(n)); };
  series.input_tokens += static_cast<uint64_t>(usage.input());
  series.output_tokens += static_cast<uint64_t>(usage.output());
  series.cache_read_tokens += known(usage.cache_read);
  series.cache_write_tokens += known(usage.cache_write_5m) + known(usage.cache_write_1h);
  series.reasoning_tokens += known(usage.reasoning_out);
}

void Metrics::merge(const Metrics& other) {
  for (const auto& [key, series] : other.offers_) offers_[key].merge(series);
  for (const Answered& known : other.requests_) answered_count(known.dialect, known.status) += known.count;
  for (size_t i = 0; i < errors_.size(); ++i) errors_[i] += other.errors_[i];
  bytes_from_clients += other.bytes_from_clients;
  bytes_to_clients += other.bytes_to_clients;
  bytes_from_providers += other.bytes_from_providers;
  bytes_to_providers += other.bytes_to_providers;
  repeated += other.repeated;
  carried_on += other.carried_on;
  carried_on_whole += other.carried_on_whole;
  hedged += other.hedged;
  hedges_won += other.hedges_won;
  spend += other.spend;
  extra_spend += other.extra_spend;
  shed += other.shed;
  shares_bent += other.shares_bent;
  drilled += other.drilled;
  events_unknown += other.events_unknown;
  log_lines_dropped += other.log_lines_dropped;
  reloads += other.reloads;
  reloads_refused += other.reloads_refused;
  gauges.merge(other.gauges);
}

uint64_t Metrics::requests() const {
  uint64_t sum = 0;
  for (const Answered& known : requests_) sum += known.count;
  return sum;
}

uint64_t Metrics::failed_requests() const {
  uint64_t sum = 0;
  for (size_t i = 0; i <= static_cast<size_t>(Code::internal); ++i) {
    const Fault fault = facts(static_cast<Code>(i)).fault;
    if (fault == Fault::provider || fault == Fault::ours) sum += errors_[i];
  }
  return sum;
}

Histogram Metrics::first_tokens() const {
  Histogram sum;
  for (const auto& [key, series] : offers_) sum.merge(series.first_token);
  return sum;
}

std::string Metrics::render() const {
  std::string out;
  head(out, "hanse_requests_total", "counter",
       "Requests answered, by the client's dialect and the HTTP status it got.");
  for (const auto& [dialect, status, count] : requests_)
    line(out, "hanse_requests_total", fmt::format("dialect=\"{}\",status=\"{}\"", dialect, status), count);
  head(out, "hanse_errors_total", "counter", "Requests that ended in an error, by cause.");
  for (size_t i = 0; i < errors_.size(); ++i)
    if (errors_[i])
      line(out, "hanse_errors_total", fmt::format("error_type=\"{}\"", facts(static_cast<Code>(i)).name),
           errors_[i]);
  per_offer(out, offers_, "hanse_attempts_total", "counter", "Attempts at an offer, by outcome.",
            [&](const OfferSeries& s) {
              if (s.answers) line(out, "hanse_attempts_total", s.labels + ",outcome=\"ok\"", s.answers);
              for (size_t i = 0; i < s.failures.size(); ++i)
                if (s.failures[i])
                  line(out, "hanse_attempts_total",
                       fmt::format("{},outcome=\"{}\"", s.labels, facts(static_cast<Code>(i)).name),
                       s.failures[i]);
            });
  per_offer(out, offers_, "gen_ai_client_token_usage_total", "counter",
            "Tokens as the providers counted them.", [&](const OfferSeries& s) {
              std::pair<std::string_view, uint64_t> kinds[] = {{"input", s.input_tokens},
                                                               {"output", s.output_tokens},
                                                               {"cache_read", s.cache_read_tokens},
                                                               {"cache_creation", s.cache_write_tokens},
                                                               {"reasoning", s.reasoning_tokens}};
              for (auto [kind, n] : kinds)
                line(out, "gen_ai_client_token_usage_total",
                     fmt::format("{},gen_ai_token_type=\"{}\"", s.labels, kind), n);
            });
  per_offer(out, offers_, "gen_ai_server_request_duration_seconds", "histogram",
            "From the request to the end of its answer.", [&](const OfferSeries& s) {
              histogram(out, "gen_ai_server_request_duration_seconds", s.labels, s.duration);
            });
  per_offer(out, offers_, "gen_ai_server_time_to_first_token_seconds", "histogram",
            "From the request to the first content.", [&](const OfferSeries& s) {
              histogram(out, "gen_ai_server_time_to_first_token_seconds", s.labels, s.first_token);
            });
  render_plain(out);
  process(out);
  return out;
}

void Metrics::render_plain(std::string& out) const {
  head(out, "hanse_http_bytes_total", "counter", "Bytes of bodies, by direction.");
  line(out, "hanse_http_bytes_total", "peer=\"client\",direction=\"in\"", bytes_from_clients);
  line(out, "hanse_http_bytes_total", "peer=\"client\",direction=\"out\"", bytes_to_clients);
  line(out, "hanse_http_bytes_total", "peer=\"provider\",direction=\"in\"", bytes_from_providers);
  line(out, "hanse_http_bytes_total", "peer=\"provider\",direction=\"out\"", bytes_to_providers);
  simple(out, "hanse_in_flight", "gauge", "Requests that are being answered now.",
         static_cast<double>(gauges.in_flight));
  simple(out, "hanse_client_connections", "gauge", "Open connections of clients.",
         static_cast<double>(gauges.connections));
  simple(out, "hanse_provider_connections", "gauge", "Open connections to providers, idle ones too.",
         static_cast<double>(gauges.provider_connections));
  simple(out, "hanse_buffered_bytes", "gauge", "Bytes of request bodies held in memory.",
         static_cast<double>(gauges.buffered_bytes));
  simple(out, "hanse_repeated_attempts_total", "counter",
         "Attempts at the same offer once more, after a failure that may pass.",
         static_cast<double>(repeated));
  simple(out, "hanse_rescues_total", "counter",
         "Streams that broke off after they had begun, and that another offer was asked to carry on.",
         static_cast<double>(carried_on));
  simple(out, "hanse_rescues_whole_total", "counter", "Of those, the ones that came to their end.",
         static_cast<double>(carried_on_whole));
  simple(out, "hanse_hedges_total", "counter", "Requests asked of a second offer, for the first was late.",
         static_cast<double>(hedged));
  simple(out, "hanse_hedges_won_total", "counter", "Of those, the ones that the second one answered.",
         static_cast<double>(hedges_won));
  simple(out, "hanse_spend_dollars_total", "counter",
         "What answers cost by the catalogue's prices, of offers that have one.",
         static_cast<double>(spend) / 1e12);
  simple(out, "hanse_extra_spend_dollars_total", "counter",
         "What repetitions and hedges may have cost, by the catalogue's prices.",
         static_cast<double>(extra_spend) / 1e12);
  simple(out, "hanse_shed_requests_total", "counter", "Requests refused for no offer had room.",
         static_cast<double>(shed));
  simple(out, "hanse_shares_bent_total", "counter",
         "Requests for an offer above its share, for nobody else was left.",
         static_cast<double>(shares_bent));
  simple(out, "hanse_drilled_attempts_total", "counter", "Attempts that a drill made fail.",
         static_cast<double>(drilled));
  simple(out, "hanse_provider_events_unknown_total", "counter",
         "Events of providers' streams that are not known and were stepped over.",
         static_cast<double>(events_unknown));
  simple(out, "hanse_log_lines_dropped_total", "counter", "Access-log lines that could not be written.",
         static_cast<double>(log_lines_dropped));
  simple(out, "hanse_config_reloads_total", "counter", "Configs taken into force since the start.",
         static_cast<double>(reloads));
  simple(out, "hanse_config_reloads_refused_total", "counter",
         "New configs that were refused; the old one stayed.", static_cast<double>(reloads_refused));
}

}  // namespace hanse::observe
