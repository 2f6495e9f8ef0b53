// Reading the content blocks of a Messages request; used by request_decode.cc only.
#pragma once

#include <vector>

#include "canon/request.h"
#include "dialect/field.h"

namespace hanse::anthropic_messages {

class BlockReader {
 public:
  explicit BlockReader(canon::Request& request) : request_(request) {}
  // A string, or an array of blocks.
  Result<void> read_content(json::Value content, std::vector<canon::Part>& parts, const Path& path);

 private:
  Result<void> read_block(json::Value block, std::vector<canon::Part>& parts, int32_t index, const Path& path);
  Result<canon::Part> read_text(json::Value block, const Path& path);
  Result<canon::Part> read_media(json::Value block, canon::MediaPart::Kind kind, const Path& path);
  Result<void> read_source(json::Value source, canon::MediaPart& media, const Path& path);
  Result<canon::Part> read_call(json::Value block, const Path& path);
  Result<canon::Part> read_result(json::Value block, const Path& path);
  Result<canon::Part> read_thinking(json::Value block, const Path& path);
  void keep_unknown(json::Value block, std::initializer_list<std::string_view> known, const Path& path);

  canon::Request& request_;
};

}  // namespace hanse::anthropic_messages
