#include "dialect/openai_responses/response_object.h"

#include <algorithm>

#include "dialect/openai_responses/encoder.h"
#include "dialect/openai_responses/wire.h"

namespace hanse::openai_responses {

using canon::Raw;
using json::Text;
using json::Writer;

namespace {

constexpr int kDepthMax = 128;

void text_or_null(Writer& out, Text text) { text.empty() ? out.null() : out.text(text); }
void raw_or_null(Writer& out, Raw raw) { raw.empty() ? out.null() : out.raw(raw); }

void write_tool(Writer& out, const canon::Tool& tool) {
  out.object().key("type").text({tool.custom ? "custom" : "function"});
  out.key("name").text(name_in_space(tool));
  if (tool.custom) {
    if (!tool.description.empty()) out.key("description").text(tool.description);
    out.key("format").raw(tool.format.empty() ? Raw{R"({"type":"text"})"} : tool.format).end_object();
    return;
  }
  out.key("description");
  text_or_null(out, tool.description);
  out.key("parameters");
  raw_or_null(out, tool.schema);
  out.key("strict");
  tool.strict ? out.boolean(*tool.strict) : out.null();
  out.end_object();
}

// Tools that came in the conversation are no part of the list.
void write_tools(Writer& out, const canon::Request* request) {
  out.key("tools").array();
  Text space;
  for (const canon::Tool& tool : request ? request->tools : std::vector<canon::Tool>()) {
    if (tool.at == canon::kAlone) continue;
    if (tool.space != space && !space.empty()) out.end_array().end_object();
    if (tool.space != space && !tool.space.empty()) {
      out.object().key("type").text({"namespace"}).key("name").text(tool.space);
      out.key("description").text(tool.space_about).key("tools").array();
    }
    space = tool.space;
    write_tool(out, tool);
  }
  if (!space.empty()) out.end_array().end_object();
  if (request)
    for (const auto& extra : request->extras)
      if (extra.path.starts_with("tools[") && is_element(extra.path)) out.raw(extra.value);
  out.end_array();
}

}  // namespace

void ResponseObject::begin(const canon::Start& start) {
  if (start.id.escaped.starts_with("resp_")) {
    id_ = start.id.escaped;
  } else {
    id_ = "resp_";
    if (shape_.request_id.empty())
      id_ += start.id.escaped;
    else
      json::escape(shape_.request_id, id_);
  }
  model_ = start.model.escaped;
  created_ = start.created ? start.created : shape_.now_unix;
  build_asked();
}

std::string ResponseObject::item_id(std::string_view prefix, size_t number) const {
  std::string out(prefix);
  return out.append(id_, 5).append(1, '_').append(std::to_string(number));
}

Raw ResponseObject::echo(std::string_view name) const {
  Raw found;
  if (shape_.request)
    for (const auto& each : shape_.request->echoes)
      if (each.name == name) found = each.value;
  return found;
}

void ResponseObject::repeat(Writer& out, std::string_view name, std::string_view otherwise) const {
  Raw given = echo(name);
  out.key(name).raw(given.empty() ? Raw{otherwise} : given);
}

void ResponseObject::build_asked() {
  before_output_.clear();
  Writer before(before_output_);
  before.object();  // taken away again: the writer puts commas between members only
  before.key("frequency_penalty").raw("0.0");
  repeat(before, "instructions", "null");
  repeat(before, "max_output_tokens", "null");
  repeat(before, "max_tool_calls", "null");
  before.key("model").text(Text{model_}).key("moderation").null();
  before_output_.erase(0, 1);

  behind_output_.clear();
  Writer behind(behind_output_);
  behind.object();
  repeat(behind, "parallel_tool_calls", "true");
  behind.key("presence_penalty").raw("0.0");
  repeat(behind, "previous_response_id", "null");
  behind.key("prompt").null();
  repeat(behind, "prompt_cache_key", "null");
  if (!echo("prompt_cache_options").empty()) repeat(behind, "prompt_cache_options", "null");
  repeat(behind, "prompt_cache_retention", "null");
  write_reasoning(behind);
  repeat(behind, "safety_identifier", "null");
  write_tier(behind);
  repeat(behind, "store", "true");
  repeat(behind, "temperature", "1.0");
  write_text(behind);
  repeat(behind, "tool_choice", R"("auto")");
  write_tools(behind, shape_.request);
  repeat(behind, "top_logprobs", "0");
  repeat(behind, "top_p", "1.0");
  repeat(behind, "truncation", R"("disabled")");
  repeat(behind, "user", "null");
  repeat(behind, "metadata", "{}");
  behind_output_.erase(0, 1);
}

void ResponseObject::write_reasoning(Writer& out) const {
  json::Document document;
  json::Value asked;
  if (auto root = document.parse(echo("reasoning").json, kDepthMax)) asked = *root;
  out.key("reasoning").object().key("effort");
  text_or_null(out, asked["effort"].text());
  out.key("summary");
  text_or_null(out, asked["summary"].present() ? asked["summary"].text() : asked["generate_summary"].text());
  out.end_object();
}

void ResponseObject::write_tier(Writer& out) const {
  Raw given = echo("service_tier");
  const bool open = given.empty() || given.json == R"("auto")";
  out.key("service_tier").raw(open ? Raw{R"("default")"} : given);
}

void ResponseObject::write_text(Writer& out) const {
  json::Document document;
  json::Value asked;
  if (auto root = document.parse(echo("text").json, kDepthMax)) asked = *root;
  Raw verbosity = asked["verbosity"].is_string() ? asked["verbosity"].raw() : Raw{R"("medium")"};
  out.key("text").object().key("format");
  write_format(out);
  out.key("verbosity").raw(verbosity).end_object();
}

void ResponseObject::write_format(Writer& out) const {
  using Kind = canon::OutputFormat::Kind;
  const Kind kind = shape_.request ? shape_.request->output.kind : Kind::unset;
  if (kind == Kind::json_object) out.raw(R"({"type":"json_object"})");
  if (kind == Kind::text || kind == Kind::unset) out.raw(R"({"type":"text"})");
  if (kind != Kind::json_schema) return;
  const canon::OutputFormat& format = shape_.request->output;
  out.object().key("type").text({"json_schema"}).key("description");
  text_or_null(out, format.description);
  out.key("name").text(format.name.empty() ? Text{"response"} : format.name).key("schema").raw(format.schema);
  out.key("strict").boolean(format.strict.value_or(false)).end_object();
}

void ResponseObject::write(std::string& out, const State& state) const {
  Writer w(out);
  w.object().key("id").text(Text{id_}).key("object").text({"response"}).key("created_at").number(created_);
  w.key("status").text({state.status}).key("background").boolean(false).key("completed_at");
  const bool complete = state.status == "completed";
  complete ? w.number(std::max(created_, shape_.now_unix)) : w.null();
  w.key("conversation").null().key("error");
  if (state.error)
    write_response_error(w, *state.error);
  else
    w.null();
  w.key("incomplete_details");
  if (state.incomplete_reason.empty())
    w.null();
  else
    w.object().key("reason").text({state.incomplete_reason}).end_object();
  w.out().append(1, ',').append(before_output_).append(",\"output\":[").append(state.output).append("],");
  w.out().append(behind_output_);
  w.key("usage");
  if (state.usage && state.usage->known())
    write_usage(w, *state.usage);
  else
    w.null();
  if (!state.native_reason.empty()) w.key("native_finish_reason").text({state.native_reason});
  w.end_object();
}

}  // namespace hanse::openai_responses
