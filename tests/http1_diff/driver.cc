// The driver of the differential HTTP/1.1 test (run.py): what do our parsers make of a client's bytes?
//
// stdin: inputs, each a 4-byte little-endian length and that many bytes, as one connection would bring them.
// stdout: a JSON line an input:
// {"messages":[{"method","target","minor","headers":[[name,value]],"body","keep_alive"}],
// "end":"clean"|"more"|"refused","status":n,"message":s}. Bytes stand as the code points U+0000..U+00FF.
// Requests are read one after another until one refuses, wants more or ends the connection.
#include <cstdio>
#include <string>
#include <string_view>

#include "net/http/chunked.h"
#include "net/http/head.h"

namespace {

using namespace hanse;

std::string quoted(std::string_view bytes) {
  std::string out = "\"";
  for (unsigned char c : bytes) {
    bool plain = c >= 0x20 && c < 0x7f && c != '"' && c != '\\';
    char escaped[8];
    std::snprintf(escaped, sizeof escaped, "\\u%04x", c);
    if (plain)
      out += static_cast<char>(c);
    else
      out += escaped;
  }
  return out + '"';
}

std::string described(const http::RequestHead& head, std::string_view body) {
  std::string out = "{\"method\":" + quoted(head.method) + ",\"target\":" + quoted(head.target) +
                    ",\"minor\":" + std::to_string(head.minor) + ",\"headers\":[";
  for (const http::Header& header : head.headers) {
    if (out.back() != '[') out += ',';
    out += '[' + quoted(header.name) + ',' + quoted(header.value) + ']';
  }
  out += "],\"body\":" + quoted(body) + ",\"keep_alive\":" + (head.keep_alive ? "true" : "false");
  return out + '}';
}

struct Reading {
  std::string messages;
  std::string end = "clean";
  int status = 0;
  std::string message;
};

bool refuse(Reading& reading, const Error& error) {
  reading.end = "refused";
  reading.status = error.http_status();
  reading.message = error.message;
  return false;
}

// Takes the body off the front of `bytes`. False: the reading ends here.
bool take_body(const http::RequestHead& head, std::string& bytes, std::string& body, Reading& reading) {
  if (head.chunked) {
    http::ChunkedDecoder decoder;
    auto out = decoder.feed(bytes.data(), bytes.size());
    if (!out) return refuse(reading, out.error());
    body = bytes.substr(out->begin, out->payload);
    bytes.erase(0, out->consumed);
    if (!decoder.done()) reading.end = "more";
    return decoder.done();
  }
  uint64_t length = head.content_length.value_or(0);
  if (length > bytes.size()) reading.end = "more";
  if (length > bytes.size()) return false;
  body = bytes.substr(0, length);
  bytes.erase(0, length);
  return true;
}

Reading read_all(std::string bytes) {
  Reading reading;
  while (!bytes.empty()) {
    std::string head_bytes = bytes;  // the head's views must outlive the body's decoding
    http::RequestHead head;
    auto size = http::parse_request_head(head_bytes, {}, head);
    if (!size)
      refuse(reading, size.error());
    else if (*size == 0)
      reading.end = "more";
    if (!size || *size == 0) break;
    bytes.erase(0, *size);
    std::string body;
    if (!take_body(head, bytes, body, reading)) break;
    reading.messages += (reading.messages.empty() ? "" : ",") + described(head, body);
    if (!head.keep_alive) break;
  }
  return reading;
}

bool read_input(std::string& bytes) {
  unsigned char size[4];
  if (std::fread(size, 1, 4, stdin) != 4) return false;
  bytes.resize(size[0] | size[1] << 8 | size[2] << 16 | static_cast<size_t>(size[3]) << 24);
  return std::fread(bytes.data(), 1, bytes.size(), stdin) == bytes.size();
}

}  // namespace

int main() {
  std::string bytes;
  while (read_input(bytes)) {
    Reading reading = read_all(bytes);
    std::printf("{\"messages\":[%s],\"end\":\"%s\",\"status\":%d,\"message\":%s}\n", reading.messages.c_str(),
                reading.end.c_str(), reading.status, quoted(reading.message).c_str());
  }
}
