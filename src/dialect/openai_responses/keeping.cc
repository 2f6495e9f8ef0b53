// Responses that are kept, and gone on from by their ids. Beside those, compactions: what a model summed up
// stands in an item that only Hanse reads (compaction.h), so that any provider can go on from it.
#include "dialect/keeping.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "base/bytes.h"
#include "dialect/openai_responses/compaction.h"
#include "dialect/openai_responses/wire.h"

namespace hanse::openai_responses {
namespace {

using json::Value;
using json::Writer;

constexpr int kDepthMax = 128, kListDepthMax = 1026;
constexpr std::string_view kCompleted = "se.completed\"", kIncomplete = "e.incomplete\"";

// Inside the brackets of an array, without them; of the text of a string its item.
std::string items_of(Value input) {
  std::string out;
  if (input.is_string()) {
    Writer w(out);
    w.object().key("type").text({"message"}).key("role").text({"user"}).key("content").array();
    w.object().key("type").text({"input_text"}).key("text").text(input.text()).end_object();
    w.end_array().end_object();
  } else if (input.is_array()) {
    for (Value item : input) out.append(out.empty() ? "" : ",").append(item.raw().json);
  }
  return out;
}

// `body` with `text` instead of the member of the root, or in front of all others when there is none.
std::string with_member(std::string_view body, Value root, std::string_view name, std::string_view text) {
  Value old = root[name];
  std::string out;
  out.reserve(body.size() + text.size() + name.size() + 8);
  if (!old.missing()) {
    std::string_view raw = old.raw().json;
    size_t at = static_cast<size_t>(raw.data() - body.data());
    return out.append(body, 0, at).append(text).append(body, at + raw.size());
  }
  size_t open = body.find('{') + 1;
  out.append(body, 0, open).append("\"").append(name).append("\":").append(text);
  return out.append(root.size() ? "," : "").append(body, open);
}

// One item as it is listed: with a type and an id, which clients may leave out.
void list_item(Writer& w, Value item, std::string_view answer, size_t number) {
  w.object();
  if (!item["id"].is_string()) w.key("id").string(fmt::format("msg_{}_in{}", answer, number));
  if (!item["type"].is_string()) w.key("type").text({"message"});
  const bool message = !item["type"].is_string() || item["type"].text().escaped == "message";
  if (message && !item["status"].is_string()) w.key("status").text({"completed"});
  for (Value member : item) {
    if (message && member.key().escaped == "content" && member.is_string()) {
      const bool said = item["role"].text().escaped == "assistant";
      w.key("content").array().object().key("type").text({said ? "output_text" : "input_text"});
      w.key("text").text(member.text()).end_object().end_array();
    } else if (member.present()) {
      w.key(member.key().escaped).raw(member.raw());
    }
  }
  w.end_object();
}

// The number behind `name` in a query, or `otherwise`.
size_t number_in(std::string_view query, std::string_view name, size_t otherwise) {
  for (size_t at = query.find(name); at != query.npos; at = query.find(name, at + 1)) {
    if (at && query[at - 1] != '&') continue;
    std::string_view value = query.substr(at + name.size());
    size_t number = 0;
    if (std::from_chars(value.data(), value.data() + value.size(), number).ec == std::errc()) return number;
  }
  return otherwise;
}

class ResponseKeeping final : public Keeping {
 public:
  KeepingWish wish(Value root) const override {
    KeepingWish out;
    out.continues = root["previous_response_id"].is_string() ? root["previous_response_id"].string() : "";
    out.keep = root["store"].boolean().value_or(true) && root["background"].boolean() != true;
    for (Value item : root["input"])
      if (item["type"].text().escaped == "compaction" && is_own_compaction(item)) out.own_words = true;
    return out;
  }

  std::string input_items(Value root) const override { return items_of(root["input"]); }

  std::string resume(std::string_view body, Value root, std::string_view history) const override {
    std::string said = items_of(root["input"]), all = "[";
    all.append(history).append(history.empty() || said.empty() ? "" : ",").append(said).append("]");
    return with_member(body, root, "input", all);
  }

  std::string compaction(Value root) const override {
    std::string out;
    Writer w(out);
    w.object().key("model").raw(root["model"].missing() ? json::Raw{"null"} : root["model"].raw());
    if (root["instructions"].is_string()) w.key("instructions").raw(root["instructions"].raw());
    std::string said = items_of(root["input"]);
    w.key("input").array();
    if (!said.empty()) w.raw(std::string_view(said));
    if (!said.empty()) {
      w.object().key("type").text({"message"}).key("role").text({"user"});
      w.key("content").string(kCompactionOrder).end_object();
    }
    w.end_array().end_object();
    return out;
  }

  KeptAnswer read(std::string_view sent, bool stream, std::string_view continues) const override {
    if (!stream) return read_response(sent, {}, continues);
    if (find_bytes(sent, kCompleted) == kNotFound && find_bytes(sent, kIncomplete) == kNotFound) return {};
    for (int line = 0; line < kLinesSeen && !sent.empty();) {
      size_t end = sent.find_last_of("\r\n");
      std::string_view last = end == sent.npos ? sent : sent.substr(end + 1);
      sent = sent.substr(0, end == sent.npos ? 0 : end);
      if (!last.starts_with("data:")) continue;
      ++line;
      if (KeptAnswer found = read_response(last.substr(5), "response", continues); !found.id.empty())
        return found;
    }
    return {};
  }

  std::string encode_input(const KeptAnswer& answer, std::string_view query) const override {
    constexpr size_t kListedMost = 100, kListed = 20;
    const size_t limit = std::clamp<size_t>(number_in(query, "limit=", kListed), 1, kListedMost);
    const bool oldest_first = query.find("order=asc") != query.npos;
    json::Document document;
    std::string whole = "[" + answer.input + "]";
    auto root = document.parse(whole, kListDepthMax);
    std::vector<std::pair<Value, size_t>> items;
    if (root)
      for (Value item : *root) items.emplace_back(item, items.size());
    if (!oldest_first) std::reverse(items.begin(), items.end());
    const bool more = items.size() > limit;
    if (more) items.resize(limit);
    std::string out;
    Writer w(out);
    w.object().key("object").text({"list"}).key("data").array();
    std::string_view id = std::string_view(answer.id).substr(answer.id.starts_with("resp_") ? 5 : 0);
    for (auto [item, number] : items) list_item(w, item, id, number);
    w.end_array();
    auto name = [&](size_t i) {
      Value given = items[i].first["id"];
      return given.is_string() ? given.string() : fmt::format("msg_{}_in{}", id, items[i].second);
    };
    w.key("first_id");
    items.empty() ? w.null() : w.string(name(0));
    w.key("last_id");
    items.empty() ? w.null() : w.string(name(items.size() - 1));
    w.key("has_more").boolean(more).end_object();
    return out;
  }

  std::string encode_forgotten(std::string_view id) const override {
    std::string out;
    Writer(out)
        .object()
        .key("id")
        .string(id)
        .key("object")
        .text({"response"})
        .key("deleted")
        .boolean(true)
        .end_object();
    return out;
  }

  Error unknown(std::string_view id) const override {
    return Error(Code::not_found, fmt::format("Response with id '{}' not found.", id));
  }
  Error unknown_previous(std::string_view id) const override {
    Error error(Code::bad_request, fmt::format("Previous response with id '{}' not found.", id));
    error.field = "previous_response_id";
    error.provider_type = "previous_response_not_found";
    return error;
  }

 private:
  static constexpr int kLinesSeen = 3;

  static KeptAnswer read_response(std::string_view text, std::string_view member,
                                  std::string_view continues) {
    // All of it is checked: it will stand in requests.
    auto root = json::scratch().parse(text, kDepthMax);
    if (!root) return {};
    Value response = member.empty() ? *root : (*root)[member];
    std::string_view status = response["status"].text().escaped;
    if (status != "completed" && status != "incomplete") return {};
    KeptAnswer out;
    out.id = response["id"].string();
    out.output = items_of(response["output"]);
    out.continues = continues;
    out.body = response.raw().json;
    if (!continues.empty()) {
      std::string name;
      Writer(name).string(continues);
      out.body = with_member(response.raw().json, response, "previous_response_id", name);
    }
    return out;
  }
};

}  // namespace

const Keeping& keeping() {
  static const ResponseKeeping words;
  return words;
}

}  // namespace hanse::openai_responses
