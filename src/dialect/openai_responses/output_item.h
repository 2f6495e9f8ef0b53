// An item of an answer on its way to a client: thoughts, a message or a call, told in the vendor's order of
// events while it grows and written as a whole at the end. Owned by the encoder of the answer.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"

namespace hanse::openai_responses {

// Events of a stream, numbered; nothing where the answer is one body.
class Frames {
 public:
  Frames(std::string& out, bool stream) : out_(out), stream_(stream) {}
  bool told() const { return stream_; }
  std::string& out() { return out_; }
  // `type` and `sequence_number`; the caller appends more members, each with its comma in front.
  void begin(std::string_view type);
  void end() { out_.append("}\n\n"); }
  void append_number();

 private:
  std::string& out_;
  bool stream_;
  int64_t number_ = 0;
};

enum class ItemKind : uint8_t { message, thought, call, text_call };
enum class PartKind : uint8_t { none, text, refusal, summary };

class OutputItem {
 public:
  OutputItem(ItemKind kind, size_t number, std::string id)
      : kind_(kind), number_(number), id_(std::move(id)) {}
  // Of a call, before it begins; texts escaped.
  void call(uint32_t call, std::string call_id, json::Text name, json::Text space);

  ItemKind kind() const { return kind_; }
  uint32_t call_number() const { return call_; }
  // More of this kind goes on with the part that is open.
  bool takes(ItemKind kind, PartKind part) const { return kind == kind_ && part == open_; }
  bool arguments_are_whole() const;

  void begin(Frames& frames);
  void begin_part(PartKind part, Frames& frames);
  void add(json::Text text, Frames& frames);
  void prove(std::string proof) { proof_ = std::move(proof); }
  void end(std::string_view status, Frames& frames);
  // The item; `status` is that of one that did not end.
  void write(std::string& out, std::string_view status) const;

 private:
  struct Part {
    PartKind kind;
    std::string text;
  };
  void learn_delta(std::string_view type, std::string_view behind);
  void write_place(std::string& out, std::string_view list, size_t part) const;
  void write_part(json::Writer& out, const Part& part) const;
  void tell_item(std::string_view type, std::string_view status, Frames& frames) const;
  void tell_part(std::string_view type, bool whole, Frames& frames) const;
  void end_part(Frames& frames);
  void end_call(Frames& frames);
  std::string input() const;

  ItemKind kind_;
  size_t number_;
  std::string id_;  // escaped, as all that follows
  std::vector<Part> parts_;
  PartKind open_ = PartKind::none;
  std::string proof_;
  uint32_t call_ = 0;
  std::string call_id_, name_, space_, arguments_;
  std::string status_;  // since it ended
  // What is the same in every delta of the open part: before the number, from there to the text, behind it.
  std::string delta_head_, delta_middle_, delta_end_;
};

}  // namespace hanse::openai_responses
