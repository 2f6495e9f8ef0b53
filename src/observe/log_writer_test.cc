#include "observe/log_writer.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <sstream>

namespace hanse::observe {
namespace {

class LogFile : public testing::Test {
 protected:
  std::filesystem::path folder = std::filesystem::path(testing::TempDir()) /
                                 testing::UnitTest::GetInstance()->current_test_info()->name();
  std::string path = folder / "access.log";

  void SetUp() override { std::filesystem::create_directories(folder); }
  void TearDown() override { std::filesystem::remove_all(folder); }
  static std::string text_of(const std::string& file) {
    std::ostringstream out;
    out << std::ifstream(file).rdbuf();
    return out.str();
  }
};

void take(LogWriter& writer, std::string lines, uint64_t count = 1) {
  writer.take(lines, count);
  EXPECT_TRUE(lines.empty()) << "what was taken is gone";
}

TEST_F(LogFile, WhatWasTakenIsThereAtTheEnd) {
  std::ofstream(path) << "before\n";
  {
    auto writer = *LogWriter::open(path);
    for (int i = 0; i < 100; ++i) take(*writer, std::to_string(i) + "\n");
  }
  std::string wanted = "before\n";
  for (int i = 0; i < 100; ++i) wanted += std::to_string(i) + "\n";
  EXPECT_EQ(text_of(path), wanted);
}

TEST_F(LogFile, AFileThatCannotBeWrittenIsSaidSo) {
  std::string where = folder / "no/such/folder/log";
  auto writer = LogWriter::open(where);
  ASSERT_FALSE(writer);
  EXPECT_EQ(writer.error().message, "can't write the log '" + where + "': No such file or directory");
}

TEST_F(LogFile, OpenedAnewAfterRotation) {
  {
    auto writer = *LogWriter::open(path);
    take(*writer, "one\n");
    while (text_of(path).empty()) std::this_thread::yield();
    std::filesystem::rename(path, path + ".1");
    writer->reopen();
    take(*writer, "two\n");
  }
  EXPECT_EQ(text_of(path + ".1"), "one\n");
  EXPECT_EQ(text_of(path), "two\n");
}

TEST_F(LogFile, AFullDiskDropsAndCounts) {
  auto writer = *LogWriter::open("/dev/full");
  take(*writer, "lost\nlost\nlost\n", 3);
  while (writer->dropped() < 3) std::this_thread::yield();
  take(*writer, "lost\n", 1);
  while (writer->dropped() < 4) std::this_thread::yield();
  EXPECT_EQ(writer->dropped(), 4u);
}

TEST_F(LogFile, MoreThanMayBePendingIsDropped) {
  auto writer = *LogWriter::open(path);
  take(*writer, std::string(LogWriter::kPendingBytesMax + 1, 'x'), 7);
  EXPECT_EQ(writer->dropped(), 7u);
}

}  // namespace
}  // namespace hanse::observe
