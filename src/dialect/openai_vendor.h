// What OpenAI's languages share: its errors, {"error":{"message","type","param","code"}} with the types and
// codes that its SDKs map, and its lists of models.
//
//   std::string body = openai::error_body(error);          // for a client, with openai::error_status(error)
//   Error error = openai::read_error(status, body);        // of a provider
//
// Pure functions, for the folders of its dialects.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "dialect/dialect.h"

namespace hanse::openai {

// What an error is called in this vendor's words; views of literals and of the error.
struct ErrorWords {
  std::string_view type;
  std::string_view code;  // empty: null
};
ErrorWords words_of(const Error& error);
std::string error_body(const Error& error);
int error_status(const Error& error);

// An error answer with status >= 400, any body; and an error object (or text) that stands in an answer.
Error read_error(int status, std::string_view body);
Error read_reply_error(json::Value error);

std::string model_body(const ModelInfo& model);
std::string models_body(std::span<const ModelInfo> models);

}  // namespace hanse::openai
