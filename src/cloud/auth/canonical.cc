// The canonical form of a request, byte for byte as AWS computes it.
#include <algorithm>

#include "base/url.h"
#include "cloud/auth/sigv4.h"

namespace hanse::cloud::sigv4 {
namespace {

bool is_unreserved(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '.' ||
         c == '_' || c == '~';
}

void encode(std::string_view text, std::string& out, bool keep_slash) {
  constexpr char kDigits[] = "0123456789ABCDEF";
  for (char c : text) {
    if (is_unreserved(c) || (keep_slash && c == '/')) {
      out += c;
      continue;
    }
    const auto byte = static_cast<unsigned char>(c);
    out += '%';
    out += kDigits[byte >> 4];
    out += kDigits[byte & 15];
  }
}

// RFC 3986 section 5.2.4, and no empty segments.
std::string without_dots(std::string_view path) {
  std::vector<std::string_view> segments;
  const bool folder = path.ends_with('/') || path.ends_with("/.") || path.ends_with("/..");
  while (!path.empty()) {
    const size_t end = std::min(path.find('/'), path.size());
    const std::string_view segment = path.substr(0, end);
    if (segment == ".." && !segments.empty()) segments.pop_back();
    if (!segment.empty() && segment != "." && segment != "..") segments.push_back(segment);
    path.remove_prefix(std::min(end + 1, path.size()));
  }
  std::string out;
  for (std::string_view segment : segments) out.append("/").append(segment);
  if (folder || out.empty()) out += '/';
  return out;
}

bool is_normal(std::string_view path) {
  return path.starts_with('/') && path.find("//") == std::string_view::npos &&
         path.find("/.") == std::string_view::npos;
}

// What stands in the request line is encoded once more: AWS's services but S3 want it so.
void append_path(const Request& request, std::string& out) {
  if (request.path.empty())
    out += '/';
  else if (!request.normalize || is_normal(request.path))
    encode(request.path, out, true);
  else
    encode(without_dots(request.path), out, true);
}

void append_query_part(std::string_view part, std::string& out) {
  auto plain = percent_decode(part);
  encode(plain ? std::string_view(*plain) : part, out, false);
}

void append_query(std::string_view query, std::string& out) {
  std::vector<std::pair<std::string, std::string>> parts;
  while (!query.empty()) {
    const size_t end = std::min(query.find('&'), query.size());
    const std::string_view part = query.substr(0, end);
    query.remove_prefix(std::min(end + 1, query.size()));
    if (part.empty()) continue;
    const size_t equals = std::min(part.find('='), part.size());
    auto& [name, value] = parts.emplace_back();
    append_query_part(part.substr(0, equals), name);
    if (equals < part.size()) append_query_part(part.substr(equals + 1), value);
  }
  std::ranges::sort(parts);
  for (const auto& [name, value] : parts) {
    if (&name != &parts.front().first) out += '&';
    out.append(name).append("=").append(value);
  }
}

bool is_blank(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }

// Without blanks around it; those inside are one space.
void append_value(std::string_view value, std::string& out) {
  bool gap = false, any = false;
  for (char c : value) {
    if (is_blank(c)) {
      gap = any;
      continue;
    }
    if (gap) out += ' ';
    out += c;
    gap = false, any = true;
  }
}

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c; }

struct Named {
  std::string name;
  const Field* field;
};

std::vector<Named> sorted(const Request& request) {
  std::vector<Named> out;
  out.reserve(request.fields.size());
  for (const Field& field : request.fields) {
    Named& named = out.emplace_back(std::string(field.name), &field);
    for (char& c : named.name) c = lower(c);
  }
  std::ranges::sort(out, [](const Named& a, const Named& b) {
    return a.name == b.name ? a.field < b.field : a.name < b.name;
  });
  return out;
}

void append_names(const std::vector<Named>& fields, std::string& out) {
  const Named* before = nullptr;
  for (const Named& named : fields) {
    if (before && before->name == named.name) continue;
    if (before) out += ';';
    out += named.name;
    before = &named;
  }
}

}  // namespace

std::string signed_names(const Request& request) {
  std::string out;
  append_names(sorted(request), out);
  return out;
}

std::string canonical_request(const Request& request) {
  const std::vector<Named> fields = sorted(request);
  std::string out;
  out.reserve(512 + request.path.size() + request.query.size());
  out.append(request.method).append("\n");
  append_path(request, out);
  out += '\n';
  append_query(request.query, out);
  const Named* before = nullptr;
  for (const Named& named : fields) {
    if (before && before->name == named.name)
      out += ',';
    else
      out.append("\n").append(named.name).append(":");
    append_value(named.field->value, out);
    before = &named;
  }
  out += "\n\n";
  append_names(fields, out);
  return out.append("\n").append(request.body_hash);
}

}  // namespace hanse::cloud::sigv4
