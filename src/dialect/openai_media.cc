#include "dialect/openai_media.h"

namespace hanse {

using canon::MediaPart;
using json::Text;

namespace {

// Base64 and media types hold nothing that JSON would escape.
bool is_clean(std::string_view text) {
  for (unsigned char c : text)
    if (c <= ' ' || c == '"' || c == '\\' || c >= 0x7F) return false;
  return true;
}

bool starts_with_scheme(std::string_view url, std::string_view scheme) {
  if (url.size() < scheme.size()) return false;
  for (size_t i = 0; i < scheme.size(); ++i) {
    char lower = url[i] >= 'A' && url[i] <= 'Z' ? static_cast<char>(url[i] | 0x20) : url[i];
    if (lower != scheme[i]) return false;
  }
  return true;
}

}  // namespace

bool is_web_url(std::string_view plain) {
  return starts_with_scheme(plain, "https://") || starts_with_scheme(plain, "http://");
}

bool is_base64_of_pdf(std::string_view plain, MediaPart& media) {
  if (!plain.starts_with("JVBERi") || !is_clean(plain)) return false;
  media.data = {plain};
  media.media_type = {"application/pdf"};
  return true;
}

Result<bool> read_data_url(Text url, MediaPart& media, Arena& arena, const Place& at) {
  if (!starts_with_scheme(url.escaped, "data:")) return false;
  std::string_view plain = json::unescape(url, arena);
  size_t comma = plain.find(',');
  std::string_view head = plain.substr(5, comma == std::string_view::npos ? comma : comma - 5);
  if (comma == std::string_view::npos || !head.ends_with(";base64"))
    return refuse(at, "wanted data:<media type>;base64,<data>");
  std::string_view type = head.substr(0, head.find(';')), data = plain.substr(comma + 1);
  // What was written without escapes needs none again; only what was unescaped must be looked at.
  bool untouched = plain.data() == url.escaped.data();
  if (!is_clean(type) || data.empty() || (!untouched && !is_clean(data)))
    return refuse(at, data.empty() ? "the data is empty" : "the data is not base64");
  media.media_type = {type};
  media.data = {data};
  return true;
}

}  // namespace hanse
