// The schema of a tool's arguments for vendors that demand "type":"object" on its outside, which others take
// for granted; the order of its keys stays.
//
//   write_object_schema(tool.schema, out.key("input_schema"));
#pragma once

#include "base/json.h"

namespace hanse {

inline void write_object_schema(json::Raw schema, json::Writer& out) {
  constexpr int kDepthMax = 64;
  constexpr std::string_view kObject = R"("type":"object")";
  std::string_view s = schema.json;
  if (s.starts_with(R"({"type")")) {  // nearly all
    out.raw(schema);
    return;
  }
  thread_local json::Document document;  // not scratch(): the client's body may be in it
  auto root = document.parse(s, kDepthMax, json::Check::structure);
  if (!root || !root->is_object() || root->size() == 0)
    out.raw(R"({"type":"object","properties":{}})");
  else if ((*root)["type"].present())
    out.raw(schema);
  else
    out.raw("{" + std::string(kObject) + "," + std::string(s.substr(s.find('{') + 1)));
}

}  // namespace hanse
