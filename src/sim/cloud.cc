#include "sim/cloud.h"

#include <ctime>

namespace hanse::sim {
namespace {

constexpr size_t kBodyMax = 64u * 1024 * 1024;
constexpr int kDepthMax = 256;
constexpr std::string_view kModelsPath = "/v1/models";
constexpr std::string_view kPage =
    "<!DOCTYPE html>\n<html><head><title>Sign in</title></head><body><h1>Please sign in to the "
    "network</h1></body></html>\n";
constexpr std::string_view kGarbage = "\x01\x02{\"this is\": not an answer]]\xff\xfe\n\n";
constexpr milliseconds kSlowTtft{1000};
constexpr double kSlowTokensPerSecond = 5;

bool wants_retry_after(int status) { return status == 429 || status == 503; }

std::string percent_decoded(std::string_view text) {
  std::string out;
  for (size_t i = 0; i < text.size(); ++i) {
    int value = 0;
    bool escaped = text[i] == '%' && i + 2 < text.size() &&
                   std::from_chars(&text[i + 1], &text[i + 1] + 2, value, 16).ptr == &text[i + 1] + 2;
    out += escaped ? static_cast<char>(value) : text[i];
    if (escaped) i += 2;
  }
  return out;
}

}  // namespace

PathAsk Vendor::read_path(std::string_view path) const {
  using What = PathAsk::What;
  if (path == chat_path()) return {What::chat, {}, false};
  if (!count_path().empty() && path == count_path()) return {What::count, {}, false};
  if (path == kModelsPath) return {What::models, {}, false};
  constexpr std::string_view kModel = "/v1/models/";
  if (path.starts_with(kModel)) return {What::model, path.substr(kModel.size()), false};
  return {};
}

net::Task<void> Cloud::handle(net::Exchange& exchange) {
  auto body = co_await exchange.read_body(kBodyMax);
  Delivery delivery;
  if (body) {
    delivery = prepare(exchange.head(), *body);
  } else {
    if (body.error().code == Code::cancelled) co_return exchange.abort();
    CloudError error = vendor_.error_of(body.error().http_status());
    delivery = refuse(error, next_request_id());
  }
  co_await deliver(exchange, vendor_, *dialect_, delivery);
}

net::Refusal Cloud::refusal(const Error& error, std::string_view) {
  std::string id = next_request_id();
  CloudError words = vendor_.error_of(error.http_status());
  words.message = error.message;
  return {vendor_.error_body(words, id), "application/json", vendor_.headers(id, error.http_status())};
}

Delivery Cloud::prepare(const http::RequestHead& head, std::string_view body) {
  std::string id = next_request_id();
  std::string_view path = head.target.substr(0, head.target.find('?'));
  const PathAsk ask = vendor_.read_path(path);
  const bool models = ask.what == PathAsk::What::models || ask.what == PathAsk::What::model;
  if (ask.what == PathAsk::What::nothing) return refuse(vendor_.no_path(head.method, path), id);
  if (models ? head.method != "GET" && head.method != "HEAD" : head.method != "POST") {
    Delivery refused = refuse(vendor_.no_method(head.method, path), id);
    refused.headers.emplace_back("allow", models ? "GET, HEAD" : "POST");
    return refused;
  }
  if (auto error = vendor_.check_proof(head, body, options_.key)) return refuse(*error, id);
  if (auto error = vendor_.check_head(head)) return refuse(*error, id);
  if (models) return list_models(ask, id);
  std::string_view query = path.size() < head.target.size() ? head.target.substr(path.size() + 1) : "";
  return ask_model(ask, query, body, id);
}

Delivery Cloud::refuse(const CloudError& error, const std::string& request_id) const {
  Delivery out{error.status,
               vendor_.headers(request_id, error.status),
               vendor_.error_body(error, request_id),
               nullptr,
               {},
               {}};
  for (auto& header : vendor_.error_headers(error)) out.headers.push_back(std::move(header));
  out.headers.emplace_back("content-type", "application/json");
  if (wants_retry_after(error.status)) out.headers.emplace_back("retry-after", "1");
  return out;
}

Delivery Cloud::answer(std::string body, const std::string& request_id) const {
  Delivery out{200, vendor_.headers(request_id, 200), std::move(body), nullptr, {}, {}};
  out.headers.emplace_back("content-type", "application/json");
  return out;
}

Delivery Cloud::list_models(const PathAsk& ask, const std::string& request_id) const {
  if (ask.what == PathAsk::What::models) return answer(vendor_.model_list(), request_id);
  std::string name = percent_decoded(ask.model);
  return name.starts_with("sim-") ? answer(vendor_.model_body(name), request_id)
                                  : refuse(vendor_.no_model(name), request_id);
}

Delivery Cloud::ask_model(const PathAsk& ask, std::string_view query, std::string_view body,
                          const std::string& request_id) {
  const bool counting = ask.what == PathAsk::What::count;
  json::Document document;
  auto root = document.parse(body, kDepthMax);
  if (!root) return refuse(vendor_.not_json(root.error().message), request_id);
  if (!root->is_object()) return refuse(vendor_.not_json("expected an object"), request_id);
  if (auto error = vendor_.check_request(*root, counting)) return refuse(*error, request_id);
  std::string completed;
  if (counting && (*root)["max_tokens"].missing()) {  // which the decoder wants, as real answers need it
    completed.append("{\"max_tokens\":1,").append(body.substr(body.find('{') + 1));
    root = document.parse(completed, kDepthMax);
    if (!root) return refuse(vendor_.not_json(root.error().message), request_id);
  }
  auto request = dialect_->decode_request(*root);
  if (!request) {  // what the checks above let pass and the decoder doesn't
    CloudError error = vendor_.error_of(400);
    error.message = request.error().message;
    error.param = request.error().field;
    return refuse(error, request_id);
  }
  std::string model = ask.model.empty() ? json::unescape((*request)->model) : percent_decoded(ask.model);
  if (!ask.model.empty()) {
    (*request)->model = json::escape(model, (*request)->arena);
    (*request)->stream = ask.streams;
  }
  if (!model.starts_with("sim-")) return refuse(vendor_.no_model(model), request_id);
  if (counting) return answer(vendor_.count_body(read_prompt(**request).tokens), request_id);
  Delivery out = play_model(**request, query, request_id);
  out.request = std::move(*request);
  return out;
}

Delivery Cloud::play_model(const canon::Request& request, std::string_view query,
                           const std::string& request_id) {
  uint64_t number = requests_.fetch_add(1, std::memory_order_relaxed);
  Prompt prompt = read_prompt(request);
  Fault fault = read_echo(prompt.said).found ? Fault() : fault_of_prompt(prompt.said);
  if (!fault && fails_by_chance(options_.fail_rate, options_.seed, number)) fault = options_.fail;

  ModelOptions how;
  how.seed = options_.seed;
  how.ttft = options_.ttft;
  how.tokens_per_second = options_.tokens_per_second;
  how.signs_reasoning = vendor_.signs_reasoning();
  how.proof_prefix = vendor_.proof_prefix();
  how.writes_cache = vendor_.counts_cache_writes();
  how.answer_prefix = vendor_.answer_prefix();
  how.call_prefix = vendor_.call_prefix();
  if (fault.kind == Fault::Kind::slow) {
    how.ttft = std::max(how.ttft, kSlowTtft);
    how.tokens_per_second = how.tokens_per_second > 0 ? std::min(how.tokens_per_second, kSlowTokensPerSecond)
                                                      : kSlowTokensPerSecond;
  }
  Delivery out{200, vendor_.headers(request_id, 200),
               "",  play(request, prompt, cache_.visit(prompt.marks), how),
               {},  fault};
  out.shape.stream = request.stream;
  out.shape.stream_usage = request.stream_usage;
  out.shape.request_id = request_id;
  out.shape.now_unix = std::time(nullptr);
  out.shape.request = &request;
  out.shape.query = query;
  std::string type = "application/json";
  if (request.stream) type = dialect_->client_frame(query).content_type;
  if (type.starts_with("text/")) type += "; charset=utf-8";
  out.headers.emplace_back("content-type", type);
  if (request.stream) out.headers.emplace_back("cache-control", "no-cache");
  return fail(std::move(out), fault, request_id);
}

// Faults that replace the answer; the others happen while it is sent.
Delivery Cloud::fail(Delivery delivery, Fault fault, const std::string& request_id) const {
  using Kind = Fault::Kind;
  if (fault.kind == Kind::status) return refuse(vendor_.error_of(fault.status), request_id);
  if (fault.kind == Kind::stream && !delivery.shape.stream) return refuse(vendor_.error_of(500), request_id);
  if (fault.kind != Kind::html && fault.kind != Kind::garbage) return delivery;
  delivery.script.reset();
  delivery.body = fault.kind == Kind::html ? kPage : kGarbage;
  if (fault.kind == Kind::html)
    std::erase_if(delivery.headers, [](const auto& header) { return header.first == "content-type"; });
  if (fault.kind == Kind::html) delivery.headers.emplace_back("content-type", "text/html");
  return delivery;
}

std::string Cloud::next_request_id() {
  std::lock_guard lock(ids_mutex_);
  return vendor_.request_id(ids_);
}

}  // namespace hanse::sim
