// TOML files read into described structs (option.h). toml++ stays inside toml.cc.
//
//   Problems problems("hanse.toml");
//   auto file = TomlFile::parse(text, problems);
//   file.read("server", config.server, problems);        // one table
//   for (auto& name : file.tables("provider")) ...       // [provider.NAME]
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "catalog/option.h"

namespace hanse::catalog {

// What is wrong with a file, collected so that one run tells all.
class Problems {
 public:
  static constexpr size_t kMax = 20;
  explicit Problems(std::string_view file) : file_(file) {}
  void add(std::string what);
  bool any() const { return !lines_.empty(); }
  size_t count() const { return lines_.size() + more_; }
  // All of them, a line each; bad_request.
  Error error() const;

 private:
  std::string file_;
  std::vector<std::string> lines_;
  size_t more_ = 0;
};

class TomlFile {
 public:
  TomlFile(std::string_view text, Problems& problems);
  ~TomlFile();

  // Names no table may have beside `known` are problems.
  void expect_only(const std::vector<std::string_view>& known, Problems& problems) const;
  // Names below a group: "provider" gives "openai" for [provider.openai], in the order of the file.
  std::vector<std::string> tables(std::string_view group, Problems& problems) const;
  // Line of [table] or of its key; 0 when it isn't there.
  unsigned line_of(std::string_view table, std::string_view key = {}) const;

  // Reads [table] (a dotted path of at most two names; "" is the whole file) into a described struct.
  template <class T>
  void read(std::string_view table, T& into, Problems& problems) const {
    Reader reader(*this, table, problems);
    into.describe(reader);
    reader.finish();
  }

 private:
  struct Tree;
  class Reader {
   public:
    Reader(const TomlFile& file, std::string_view table, Problems& problems);
    void text(std::string_view name, std::string& value, std::string_view help);
    void word(std::string_view name, std::string& value, const Words& words, std::string_view help);
    void flag(std::string_view name, bool& value, std::string_view help);
    void count(std::string_view name, size_t& value, Bounds bounds, std::string_view help);
    void bytes(std::string_view name, size_t& value, Bounds bounds, std::string_view help);
    void time(std::string_view name, milliseconds& value, Bounds bounds, std::string_view help);
    void dollars(std::string_view name, std::optional<int64_t>& value, std::string_view help);
    void list(std::string_view name, std::vector<std::string>& value, std::string_view help);
    void counts(std::string_view name, std::vector<size_t>& value, const Bounds& bounds,
                std::string_view help);
    void table(std::string_view name, std::vector<std::pair<std::string, std::string>>& value,
               std::string_view help);
    void group(std::string_view name, std::string_view) { known_.push_back(name); }
    // Keys that no option has are problems, with the nearest known one.
    void finish();

   private:
    const void* find(std::string_view name);
    std::string where(std::string_view name) const;
    void wrong(std::string_view name, std::string_view wanted);
    bool within(std::string_view name, int64_t value, Bounds bounds, std::string low, std::string high);
    const TomlFile& file_;
    std::string table_;
    Problems& problems_;
    std::vector<std::string_view> known_;
  };
  std::unique_ptr<Tree> tree_;
};

}  // namespace hanse::catalog
