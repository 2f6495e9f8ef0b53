// Images and files as OpenAI's languages have them in requests: URLs, with the bytes in a data URL.
//
//   TRY(bool inlined, read_data_url(url, media, request.arena, at["image_url"]));
//   if (!inlined) media.url = url;
#pragma once

#include "canon/request.h"
#include "dialect/read.h"

namespace hanse {

// data:<media type>[;parameters];base64,<data> (RFC 2397). False when it is another URL.
Result<bool> read_data_url(json::Text url, canon::MediaPart& media, Arena& arena, const Place& at);

// Base64 by itself, which doesn't say what it is: taken for what it begins like.
bool is_base64_of_pdf(std::string_view plain, canon::MediaPart& media);

bool is_web_url(std::string_view plain);

}  // namespace hanse
