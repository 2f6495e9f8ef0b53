#include "observe/metrics.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

namespace hanse::observe {
namespace {

using testing::HasSubstr;
using testing::Not;

std::vector<std::string> lines(const std::string& text) {
  std::vector<std::string> out;
  for (size_t at = 0, end; at < text.size(); at = end + 1) {
    end = text.find('\n', at);
    out.push_back(text.substr(at, end - at));
  }
  return out;
}

constexpr std::string_view kLabels =
    "gen_ai_operation_name=\"chat\",gen_ai_provider_name=\"local\",gen_ai_request_model=\"m\","
    "client_dialect=\"openai-chat\"";
std::string with_labels(std::string_view name, std::string_view more, std::string_view value) {
  return fmt::format("\n{}{{{}{}}} {}\n", name, kLabels, more, value);
}

TEST(Metrics, CountsAreRendered) {
  Metrics m;
  m.answered("openai-chat", 200);
  m.answered("openai-chat", 200);
  m.answered("anthropic-messages", 404);
  m.failed(Code::not_found);
  OfferSeries& series = m.offer("openai-chat", "local", "m");
  series.answers = 3;
  ++series.failures[static_cast<size_t>(Code::timed_out)];
  canon::Usage usage;
  usage.uncached_in = 5, usage.cache_read = 7, usage.cache_write_5m = 1, usage.cache_write_1h = 2;
  usage.visible_out = 11, usage.reasoning_out = 13;
  m.tokens(series, usage);
  m.bytes_from_clients = 17;
  m.gauges.in_flight = 2;
  std::string text = m.render();
  EXPECT_THAT(text, HasSubstr("\nhanse_requests_total{dialect=\"openai-chat\",status=\"200\"} 2\n"));
  EXPECT_THAT(text, HasSubstr("\nhanse_requests_total{dialect=\"anthropic-messages\",status=\"404\"} 1\n"));
  EXPECT_THAT(text, HasSubstr("\nhanse_errors_total{error_type=\"not_found\"} 1\n"));
  EXPECT_THAT(text, HasSubstr(with_labels("hanse_attempts_total", ",outcome=\"ok\"", "3")));
  EXPECT_THAT(text, HasSubstr(with_labels("hanse_attempts_total", ",outcome=\"timed_out\"", "1")));
  for (auto [kind, count] :
       {std::pair("input", "15"), std::pair("output", "24"), std::pair("cache_read", "7"),
        std::pair("cache_creation", "3"), std::pair("reasoning", "13")})
    EXPECT_THAT(text, HasSubstr(with_labels("gen_ai_client_token_usage_total",
                                            fmt::format(",gen_ai_token_type=\"{}\"", kind), count)));
  EXPECT_THAT(text, HasSubstr("\nhanse_http_bytes_total{peer=\"client\",direction=\"in\"} 17\n"));
  EXPECT_THAT(text, HasSubstr("\nhanse_in_flight 2\n"));
}

TEST(Metrics, CountsThatNobodyGaveAreNotBelowZero) {
  Metrics m;
  m.tokens(m.offer("openai-chat", "local", "m"), {});
  EXPECT_THAT(m.render(),
              HasSubstr(with_labels("gen_ai_client_token_usage_total", ",gen_ai_token_type=\"input\"", "0")));
}

TEST(Metrics, BucketsAddUp) {
  Metrics m;
  OfferSeries& series = m.offer("openai-chat", "local", "m");
  for (double seconds : {0.001, 0.01, 0.011, 5.0, 1000.0}) series.duration.add(seconds);
  std::string text = m.render();
  constexpr std::string_view kName = "gen_ai_server_request_duration_seconds";
  for (auto [bound, count] : {std::pair("0.01", "2"), std::pair("0.02", "3"), std::pair("2.56", "3"),
                              std::pair("5.12", "4"), std::pair("81.92", "4"), std::pair("+Inf", "5")})
    EXPECT_THAT(text, HasSubstr(with_labels(fmt::format("{}_bucket", kName), fmt::format(",le=\"{}\"", bound),
                                            count)));
  EXPECT_THAT(text, HasSubstr(with_labels(fmt::format("{}_sum", kName), "", "1005.022")));
  EXPECT_THAT(text, HasSubstr(with_labels(fmt::format("{}_count", kName), "", "5")));
}

TEST(Metrics, CoresAreAddedUp) {
  Metrics a, b;
  for (Metrics* m : {&a, &b}) {
    m->answered("openai-chat", 200);
    m->failed(Code::internal);
    OfferSeries& series = m->offer("openai-chat", "local", "m");
    series.answers = 1;
    series.first_token.add(0.05);
    m->bytes_to_providers = 10;
    m->gauges.connections = 4;
  }
  b.answered("openai-chat", 500);
  b.offer("openai-chat", "other", "n").answers = 9;
  a.merge(b);
  std::string text = a.render();
  EXPECT_THAT(text, HasSubstr("status=\"200\"} 2\n"));
  EXPECT_THAT(text, HasSubstr("status=\"500\"} 1\n"));
  EXPECT_THAT(text, HasSubstr("hanse_errors_total{error_type=\"internal\"} 2\n"));
  EXPECT_THAT(text, HasSubstr(with_labels("hanse_attempts_total", ",outcome=\"ok\"", "2")));
  EXPECT_THAT(text, HasSubstr("outcome=\"ok\"} 9\n"));
  EXPECT_THAT(text, HasSubstr(with_labels("gen_ai_server_time_to_first_token_seconds_count", "", "2")));
  EXPECT_THAT(text, HasSubstr("direction=\"out\"} 20\n"));
  EXPECT_THAT(text, HasSubstr("hanse_client_connections 8\n"));
}

// What a client names goes into a label: it may hold anything, and be as long as a body.
TEST(Metrics, LabelsAreCutAndEscaped) {
  Metrics m;
  m.offer("openai-chat", "local", "a\"b\\c\nd").answers = 1;
  m.offer("openai-chat", "local",
          "bad\xff\xc3"
          "byte")
      .answers = 1;
  m.offer("openai-chat", "local", "tab\tand\x01").answers = 1;
  m.offer("openai-chat", "local", std::string(100'000, 'x')).answers = 1;
  std::string text = m.render();
  EXPECT_THAT(text, HasSubstr(R"(model="a\"b\\c\nd")"));
  EXPECT_THAT(text, HasSubstr("model=\"bad\xef\xbf\xbd\xef\xbf\xbd"
                              "byte\""));
  EXPECT_THAT(text, HasSubstr("model=\"tab\tand\x01\""));
  EXPECT_THAT(text, HasSubstr("model=\"" + std::string(Metrics::kNameBytesMax, 'x') + "\""));
  EXPECT_THAT(text, Not(HasSubstr(std::string(Metrics::kNameBytesMax + 1, 'x'))));
}

TEST(Metrics, SeriesAreFew) {
  Metrics m;
  for (size_t i = 0; i < Metrics::kSeriesMax + 500; ++i)
    ++m.offer("openai-chat", "local", "m" + std::to_string(i)).answers;
  std::string text = m.render();
  EXPECT_THAT(text, HasSubstr("gen_ai_provider_name=\"other\",gen_ai_request_model=\"other\","
                              "client_dialect=\"openai-chat\",outcome=\"ok\"} 500\n"));
}

TEST(Metrics, EveryLineIsPrometheusText) {
  Metrics m;
  m.answered("openai-chat", 200);
  m.offer("openai-chat", "local", "m").answers = 1;
  std::set<std::string> told;
  for (const std::string& line : lines(m.render())) {
    if (line.starts_with("# HELP ")) continue;
    if (line.starts_with("# TYPE ")) {
      std::string name = line.substr(7, line.find(' ', 7) - 7);
      EXPECT_TRUE(told.insert(name).second) << name << " is told twice";
      continue;
    }
    std::string name = line.substr(0, line.find_first_of("{ "));
    for (std::string_view tail : {"_bucket", "_sum", "_count"})
      if (name.ends_with(tail) && !told.contains(name)) name.resize(name.size() - tail.size());
    EXPECT_TRUE(told.contains(name)) << line;
    EXPECT_FALSE(line.substr(line.rfind(' ') + 1).empty()) << line;
  }
  EXPECT_TRUE(told.contains("process_open_fds"));
}

}  // namespace
}  // namespace hanse::observe
