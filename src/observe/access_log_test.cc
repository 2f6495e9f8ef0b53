#include "observe/access_log.h"

#include <gtest/gtest.h>

#include <unistd.h>

#include <cstdlib>
#include <fstream>

#include "base/json.h"

namespace hanse::observe {
namespace {

// What the log holds after `records`, a line each.
std::vector<std::string> lines_of(std::span<const AccessRecord> records) {
  char path[] = "/tmp/hanse-access-log-XXXXXX";
  ::close(::mkstemp(path));
  {
    auto writer = *LogWriter::open(path);
    AccessLog log(writer.get());
    for (const AccessRecord& record : records) log.add(record);
    log.flush();
  }
  std::vector<std::string> lines;
  std::ifstream file(path);
  for (std::string line; std::getline(file, line);) lines.push_back(line);
  ::unlink(path);
  return lines;
}

TEST(AccessLog, EveryFieldStandsInItsLine) {
  AccessRecord r;
  r.request_id = "req_1", r.method = "POST", r.path = "/v1/messages", r.dialect = "anthropic-messages";
  r.client = "ops", r.model_asked = "fast", r.offer = "local/m", r.error = "timed_out";
  r.http_version = 2, r.status = 504, r.stream = true, r.attempts = 3, r.bytes_in = 10, r.bytes_out = 20;
  r.usage.uncached_in = 5, r.usage.cache_read = 7, r.usage.visible_out = 11, r.usage.reasoning_out = 13;
  r.usage.estimated = true, r.first_token_us = 17, r.duration_us = 19;
  auto lines = lines_of(std::span(&r, 1));
  ASSERT_EQ(lines.size(), 1u);
  EXPECT_TRUE(lines[0].starts_with("{\"time\":\"20")) << lines[0];
  EXPECT_EQ(lines[0].substr(lines[0].find(",\"request_id\"")),
            R"(,"request_id":"req_1","method":"POST","path":"/v1/messages","dialect":"anthropic-messages",)"
            R"("client":"ops","model":"fast","offer":"local/m","http":2,"status":504,"error":"timed_out",)"
            R"("stream":true,"attempts":3,"bytes_in":10,"bytes_out":20,"input_tokens":12,"output_tokens":24,)"
            R"("cache_read_tokens":7,"reasoning_tokens":13,"usage_estimated":true,"ttft_us":17,)"
            R"("duration_us":19})");
}

TEST(AccessLog, WhatIsNotKnownIsLeftOut) {
  AccessRecord r;
  auto lines = lines_of(std::span(&r, 1));
  ASSERT_EQ(lines.size(), 1u);
  EXPECT_TRUE(lines[0].ends_with(
      R"(Z","http":1,"status":0,"attempts":0,"bytes_in":0,"bytes_out":0,"duration_us":0})"))
      << lines[0];
}

TEST(AccessLog, ValuesAreCutAndEscaped) {
  const std::string bad(1000, '\x01'), broken(1000, '\xff'), quotes(1000, '"');
  AccessRecord r;
  r.request_id = r.method = r.path = r.dialect = bad;
  r.client = r.model_asked = broken;
  r.offer = r.error = quotes;
  std::vector<AccessRecord> records(50, r);
  auto lines = lines_of(records);
  ASSERT_EQ(lines.size(), records.size());
  for (const std::string& line : lines) {
    json::Document document;
    auto root = document.parse(line, 4);
    ASSERT_TRUE(root) << root.error().message;
    EXPECT_EQ((*root)["path"].string(), bad.substr(0, 256));
    EXPECT_EQ((*root)["client"].string().size(), 256u * 3);
    EXPECT_EQ((*root)["offer"].string(), quotes.substr(0, 256));
  }
}

}  // namespace
}  // namespace hanse::observe
