// The user's config (hanse.toml): tables as structs, each of which describes its own options (option.h).
//
//   TRY(Catalog rows, Catalog::load());
//   TRY(Config config, load_config("hanse.toml", rows));
//
// Errors name file, line, what is wrong and the known alternatives; several are collected into one message.
// Loading resolves providers against their catalogue rows and reads credentials (from the environment or
// files, never from the config itself). A Config is a plain value; the gateway uses the Snapshot made of it.
#pragma once

#include <algorithm>
#include <array>
#include <iterator>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/secret.h"
#include "base/url.h"
#include "catalog/aws_keys.h"
#include "catalog/catalog.h"
#include "catalog/credential.h"
#include "catalog/option.h"

namespace hanse::catalog {

struct Server {
  std::vector<std::string> listen{"127.0.0.1:8080"};
  size_t threads = 0;
  std::string tls_cert, tls_key;
  bool open = false;

  std::vector<HostPort> addresses;  // of `listen`

  template <class V>
  void describe(V& v) {
    v.list("listen", listen, "Addresses to listen on, as ADDRESS:PORT; port 0 picks a free one");
    v.count("threads", threads, {0, 256}, "Cores to serve on; 0 is all of them");
    v.text("tls_cert", tls_cert,
           "PEM file with the certificate chain; with it all addresses speak TLS. SIGHUP reads it anew");
    v.text("tls_key", tls_key, "PEM file with the certificate's private key");
    v.flag("open", open, "Listen beyond loopback although no [client] keys are configured");
  }
};

struct Limits {
  size_t head_bytes = 64 * 1024 - 1024, headers = 128, target_bytes = 16 * 1024, body_bytes = 64u << 20,
         json_depth = 128;
  size_t connections = 20'000, in_flight = 10'000;
  size_t stream_buffer_bytes = 256 * 1024, total_buffer_bytes = size_t{1} << 30, reply_bytes = 64u << 20;
  size_t connections_per_provider = 8192;
  size_t kept_answers = 10'000, kept_answer_bytes = 256u << 20;
  milliseconds kept_answer_life{86'400'000};
  size_t http2_streams = 256, http2_window_bytes = 8u << 20, http2_stream_window_bytes = 2u << 20;
  size_t http2_resets_per_second = 50, http2_controls_per_second = 100;
  milliseconds head{10'000}, body{60'000}, connect{5'000}, first_byte{300'000}, between_bytes{120'000},
      client_stall{120'000}, total{900'000};
  milliseconds idle{75'000}, pool_idle{60'000}, drain{30'000};

  template <class V>
  void describe(V& v) {
    v.bytes("head_bytes", head_bytes, {1024, 63 * 1024},

            "A request's line and headers (HTTP/2: with 32 bytes a header); over it: 431");
    v.count("headers", headers, {8, 128}, "Headers of a request; over it: 431");
    v.bytes("target_bytes", target_bytes, {256, 63 * 1024}, "The path and query in it; over it: 414");
    v.bytes("body_bytes", body_bytes, {1024, int64_t{2} << 30}, "A request's body; over it: 413");
    v.count("json_depth", json_depth, {8, 1024}, "Levels of nesting in a body; over it: 400");
    v.count("connections", connections, {1, 1'000'000},
            "Open connections of clients, all cores together; over it: 503");
    v.count("in_flight", in_flight, {1, 1'000'000},
            "Requests being answered, all cores together; over it: 503 with Retry-After");
    v.bytes("stream_buffer_bytes", stream_buffer_bytes, {4096, 64 << 20},
            "Bytes held for one stream: a cut event, an unsent piece");
    v.bytes("total_buffer_bytes", total_buffer_bytes, {1 << 20, int64_t{1} << 40},
            "Bytes of request bodies in memory, all together; over it: 503");
    v.bytes("reply_bytes", reply_bytes, {4096, int64_t{2} << 30},
            "A provider's answer that must be translated whole");
    v.count("connections_per_provider", connections_per_provider, {1, 1'000'000},
            "Connections to one provider, a core");
    v.count("kept_answers", kept_answers, {0, 10'000'000},
            "Answers of Responses that are kept to go on from (`store`, `previous_response_id`), all cores "
            "together; beyond it the one that was used longest ago is forgotten; 0 keeps none");
    v.bytes("kept_answer_bytes", kept_answer_bytes, {4096, int64_t{1} << 40},
            "Bytes of those in memory, with what had been asked; as above");
    v.time("kept_answer_life", kept_answer_life, {10, 31 * int64_t{86'400'000}},
           "Until a kept answer that nobody used is forgotten");
    v.count("http2_streams", http2_streams, {1, 10'000},
            "Requests at once on one HTTP/2 connection; those over it are refused, to be sent again");
    v.bytes("http2_window_bytes", http2_window_bytes, {65'535, 1 << 30},
            "Bytes of bodies under way on one HTTP/2 connection, all its requests together");
    v.bytes("http2_stream_window_bytes", http2_stream_window_bytes, {65'535, 1 << 30},
            "Bytes under way of one large HTTP/2 body; small ones have stream_buffer_bytes");
    v.count(
        "http2_resets_per_second", http2_resets_per_second, {1, 1'000'000},
        "HTTP/2 requests that a client may open and reset, in the long run; ten times as many at once; over "
        "it the connection ends");
    v.count("http2_controls_per_second", http2_controls_per_second, {1, 1'000'000},
            "HTTP/2 frames that ask for nothing (PING, SETTINGS, empty ones), as above");
    v.time("head", head, {10, 3'600'000}, "For a request's head to arrive; over it: 408");
    v.time("body", body, {10, 3'600'000}, "For a request's body to arrive; over it: 408");
    v.time("connect", connect, {10, 600'000}, "To look up, connect to and shake hands with a provider");
    v.time("first_byte", first_byte, {10, 3'600'000},
           "For the first byte of a provider's answer; then the next offer is tried");
    v.time("between_bytes", between_bytes, {10, 3'600'000}, "Silence inside a provider's answer");
    v.time("client_stall", client_stall, {10, 3'600'000}, "A client that takes nothing of its answer");
    v.time("total", total, {10, 86'400'000}, "For a request with all its attempts");
    v.time("idle", idle, {10, 86'400'000}, "A client's connection without a request");
    v.time("pool_idle", pool_idle, {10, 86'400'000}, "A provider's connection without a request");
    v.time("drain", drain, {10, 3'600'000}, "After SIGTERM, for requests to end; then they are cut");
  }
};

struct Retry {
  size_t again = 1, attempts = 6, share = 20, told_bytes = 1u << 20;
  bool carry_on = true;
  std::optional<int64_t> spend_max;
  milliseconds pause{250}, patience{3'000}, first_content{10'000}, first_thought{60'000}, stall{20'000};

  template <class V>
  void describe(V& v) {
    v.count("again", again, {0, 5},
            "Times that an offer is asked once more after a failure that may pass: 5xx, 429, a broken "
            "connection");
    v.count("attempts", attempts, {1, 20}, "At all offers together, before no one is asked once more");
    v.count(
        "share", share, {0, 100},
        "Such repetitions and hedges as a percentage of all requests, in the long run; beyond it the next "
        "offer is asked at once");
    v.dollars("spend_max", spend_max,
              "Dollars an hour that they may cost by the catalogue's prices, all together; default: any");
    v.time("pause", pause, {10, 60'000}, "Before it, spread by half; twice as long before each further one");
    v.time("patience", patience, {10, 600'000},
           "The longest Retry-After that is waited out; at a longer one the next offer is asked");
    v.time("first_content", first_content, {10, 3'600'000},
           "For a stream to say something, while another offer is left; a second more for each 40 kB of the "
           "request. Once it is known what an offer usually takes: eight times that, from half of this up to "
           "first_thought");
    v.time("first_thought", first_thought, {10, 3'600'000}, "The same, where the model was asked to think");
    v.flag("carry_on", carry_on,
           "A stream that breaks off in its text is carried on by the next offer, where it ended");
    v.time(
        "stall", stall, {10, 3'600'000},
        "Silence inside a stream, while another offer could carry it on; then it is taken for broken. Once "
        "it is known how long an offer is silent at most: eight times that, but at least half of this");
    v.bytes("told_bytes", told_bytes, {4096, 64 << 20},
            "What is kept of a stream for that; one that is longer can't be carried on");
  }
};

struct Health {
  bool on = true;
  size_t failures = 5, share = 50;
  milliseconds window{10'000}, pause{1'000}, pause_max{8'000}, rest_max{60'000};

  template <class V>
  void describe(V& v) {
    v.flag("on", on, "An offer that fails is left, and asked again now and then until it answers");
    v.count("failures", failures, {1, 1000},
            "So many attempts in a row that fail, or in `window` and more than `share` of all: the offer is "
            "left");
    v.count("share", share, {0, 100}, "Failures as a percentage of the attempts in `window`");
    v.time("window", window, {100, 3'600'000},
           "In which attempts are counted; those of the window before it by half");
    v.time("pause", pause, {10, 3'600'000},
           "Before an offer that was left is asked again, by one request; twice as long after each further "
           "failure");
    v.time("pause_max", pause_max, {10, 3'600'000}, "The longest of these pauses");
    v.time("rest_max", rest_max, {10, 86'400'000},
           "The longest Retry-After of a 429 for which an offer is left alone");
  }
};

struct Log {
  std::string access = "stderr";

  bool is_file() const { return access != "stderr" && access != "stdout" && access != "off"; }

  template <class V>
  void describe(V& v) {
    v.text("access", access,
           "The access log, a JSON line a request: stderr, stdout, off, or a file (SIGUSR1 opens it anew)");
  }
};

struct ClientKey {
  std::string name;
  std::string key_env, key_file, key_sha256, access_key_id;
  std::vector<std::string> models, within;
  std::string priority = "normal";
  bool admin = false;
  std::string digest;  // SHA-256 of the key, 32 bytes; empty for a client that signs
  Secret secret;       // of a client that signs

  template <class V>
  void describe(V& v) {
    v.text("key_env", key_env, "Environment variable that holds the client's key");
    v.text("key_file", key_file, "File that holds the client's key");
    v.text("key_sha256", key_sha256, "The key's SHA-256 in hex, so that the key itself stands nowhere");
    v.text("access_key_id", access_key_id,
           "Of a client that signs as for AWS (SigV4); key_env or key_file hold its secret access key");
    v.list("models", models, "Models that the key may ask for; empty: all");
    v.list("within", within, "Its requests are answered within these regions or jurisdictions only");
    v.word("priority", priority, {"low", "normal", "high"},
           "Who gives way where there isn't room for all; x-hanse-priority may ask for less");
    v.flag("admin", admin, "It may start and end drills");
  }
};

struct Provider {
  std::string name;
  std::string kind, url_text, key_env, key_file, tls_ca;
  std::string resource, region, project, location, api_version, profile, credentials_file, jurisdiction;
  bool metadata = false, maintenance = false, committed = false;
  size_t fill = 80;
  size_t requests_per_minute = 0, tokens_per_minute = 0, concurrency = 0;  // of each model; 0: as it says
  std::vector<std::string> models, dialects;
  milliseconds connect_timeout{0}, first_byte_timeout{0};  // 0 while reading: the limit's

  // From the kind's row, and resolved.
  ProviderRow row;
  std::vector<Door> doors;  // never empty; the first one is for clients whose own dialect isn't among them
  Url url;
  std::vector<std::pair<std::string, std::string>> headers;
  int64_t output_tokens_max_default = 4096;
  Secret key;
  AwsKeys aws;                                   // to sign with, where the row wants that and no key is set
  std::shared_ptr<const Credential> credential;  // or to fetch a token with; nullptr: none

  bool has_credential() const { return !key.empty() || aws.present() || credential; }

  std::string models_target() const { return url.path + row.models_path; }
  // Name and value of the header that carries the key; empty without one. The value is a secret.
  std::pair<std::string, std::string> credential_header() const;
  std::vector<std::string> discovered;  // what it says itself that it serves (Snapshot::with_discovered)

  // To what is called so: a provider's name, kind, cloud, region, location or jurisdiction.
  std::array<std::string_view, 6> groups() const {
    return {name, row.name, row.cloud, region, location, jurisdiction};
  }
  bool belongs_to(std::string_view group) const {
    const auto all = groups();
    return !group.empty() && std::ranges::find(all, group) != all.end();
  }
  const std::vector<std::string>& known_models() const { return models.empty() ? discovered : models; }
  // Nobody knows yet what it serves, and it can be asked.
  bool wants_discovery() const { return known_models().empty() && !row.models_path.empty(); }

  template <class V>
  void describe(V& v) {
    v.text("kind", kind, "Row of the catalogue (see providers.md); default: the table's name");
    v.text("url", url_text, "Base URL; default: the row's");
    v.text("key_env", key_env, "Environment variable that holds the key; default: the row's usual one");
    v.text("key_file", key_file, "File that holds the key, instead of a variable");
    v.list("models", models, "Models that the provider serves; default: it is asked for its list");
    v.list("dialects", dialects, "Of the dialects that it speaks, those to use; default: all of its kind");
    v.text("resource", resource, "Where the kind's address has {resource}: the name of yours at Azure");
    v.text("region", region, "Where the kind's address has {region}: such as eu-central-1");
    v.text("profile", profile,
           "Of AWS's shared files, whose keys or role sign; default: the environment's keys or web identity, "
           "then "
           "AWS_PROFILE, then default");
    v.text(
        "credentials_file", credentials_file,
        "To fetch tokens with. Google: the JSON file of a service account, a user or a federated workload; "
        "default: GOOGLE_APPLICATION_CREDENTIALS, then gcloud's own. Entra: a PEM file with certificate and "
        "private key; default: AZURE_CLIENT_CERTIFICATE_PATH");
    v.flag("metadata", metadata,
           "Ask the cloud's metadata server, which knows the machine, for the credential; it is never asked "
           "otherwise");
    v.text("project", project, "Where the kind's address has {project}; default: the credential's");
    v.text("location", location, "Where the kind's address has {location}: such as europe-west4");
    v.text("api_version", api_version, "Where the kind's address has {api_version}; default: the row's");
    v.text("jurisdiction", jurisdiction,
           "Whose law holds where its answers are made, such as eu, for `within` of models and clients");
    v.flag("maintenance", maintenance, "It is asked nothing for now");
    v.count("requests_per_minute", requests_per_minute, {0, 1'000'000'000},
            "That it takes, of each model; what its answers say holds besides; 0: only that");
    v.count("tokens_per_minute", tokens_per_minute, {0, int64_t{1'000'000'000'000}},
            "Of input and output together, as above");
    v.count("concurrency", concurrency, {0, 1'000'000},
            "Requests that it answers at once, of each model; 0: as many as come");
    v.flag(
        "committed", committed,
        "It is paid for whether it is used or not: it is asked first, by every policy, up to `fill`; needs "
        "one of the limits above");
    v.count("fill", fill, {1, 100}, "Percent of its limits that are filled before the policy decides again");
    v.time("connect", connect_timeout, {10, 600'000}, "Instead of limits.connect");
    v.time("first_byte", first_byte_timeout, {10, 3'600'000}, "Instead of limits.first_byte");
    v.text("tls_ca", tls_ca, "PEM file with the only roots to trust for this provider");
    v.table("headers", headers, "Headers to send with each request, such as a beta switch");
  }
};

struct Model {
  std::string name;
  std::vector<std::string> offers;
  std::string policy = "ordered";
  std::vector<size_t> shares;
  std::vector<std::pair<std::string, std::string>> shares_without_text;
  std::vector<std::pair<std::string, std::vector<size_t>>> shares_without;  // as read
  std::vector<std::string> within;
  std::optional<int64_t> price_max;
  bool hedge = false;

  template <class V>
  void describe(V& v) {
    v.list("offers", offers, "Who may answer, in order of preference, each as provider/model");
    v.word("policy", policy, {"ordered", "weighted", "cheapest", "fastest", "balanced"},
           "Who is asked first: as listed; by shares; by the price of the request; by the learned time to "
           "the first "
           "token; by the tokens under way and that time");
    v.counts("shares", shares, {0, 1'000'000},
             "For weighted: each offer's part of the requests, in the order of offers");
    v.table(
        "shares_without", shares_without_text,
        "Other shares, as \"0, 70, 30\", for when all offers of a provider, kind, cloud, region, location or "
        "jurisdiction are left");
    v.list("within", within,
           "Only offers whose provider has one of these as region, location or jurisdiction are asked");
    v.flag(
        "hedge", hedge,
        "A stream whose first token is later than that of 95 in 100 is asked of the next offer as well; who "
        "speaks first answers. Counts for retry.share and retry.spend_max");
    v.dollars("price_max", price_max,
              "Dollars that one request may be expected to cost; offers above it are left out, those without "
              "a price are not");
  }
};

struct Concentration {
  std::string name;
  std::string of, by = "requests";
  size_t most = 100;
  milliseconds window{600'000};
  bool bends = true;

  template <class V>
  void describe(V& v) {
    v.text("of", of, "Whose share: a provider, kind, cloud, region, location or jurisdiction");
    v.count("most", most, {1, 99}, "Percent of all that goes there at most");
    v.word("by", by, {"requests", "tokens", "spend"}, "Of what: spend by the catalogue's prices");
    v.time("window", window, {1'000, 86'400'000},
           "In which it is counted; under 20 requests nothing is held");
    v.flag("bends", bends, "When nobody else is left it is asked all the same; `false`: never");
  }
};

struct Drill {
  std::string name;
  std::vector<std::string> lose, at, days;
  std::string how = "refuse";
  size_t share = 100;
  milliseconds length{0};

  template <class V>
  void describe(V& v) {
    v.list("lose", lose, "Providers, by name, kind, region, location or jurisdiction, or whole clouds");
    v.time("length", length, {1, 3'600'000}, "How long");
    v.list("at", at, "When it begins, as HH:MM in UTC");
    v.list("days", days, "On which days: mon, tue, wed, thu, fri, sat, sun; default: each");
    v.word("how", how, {"refuse", "throttle", "stall", "slow", "cut"}, "How they fail");
    v.count("share", share, {1, 100}, "Percent of the attempts at them that fail");
  }
};

constexpr std::string_view kWeekdays[] = {"sun", "mon", "tue", "wed", "thu", "fri", "sat"};
// "03:30" is 210; nothing when it is no time of day.
std::optional<int> minute_of_day(std::string_view text);

struct Config {
  std::string path;  // of the file, or "environment"
  Server server;
  Limits limits;
  Retry retry;
  Health health;
  Log log;
  std::vector<ClientKey> clients;
  std::vector<Provider> providers;
  std::vector<Model> models;
  std::vector<Concentration> concentrations;
  std::vector<Drill> drills;
  std::shared_ptr<const ModelRows> known_models;  // the catalogue's; nullptr: none
  std::vector<std::string> warnings;              // what works, but not as its author may think
};

Result<Config> load_config(const std::string& path, const Catalog& catalog);
Result<Config> parse_config(std::string_view text, std::string_view name, const Catalog& catalog);
// The providers whose usual variables are set: OPENAI_API_KEY, ANTHROPIC_API_KEY, and
// HANSE_OPENAI_COMPATIBLE_URL for a server of one's own. May be none.
Result<Config> config_from_environment(const Catalog& catalog);
// --listen on the command line.
Result<void> set_listen(Config& config, std::string_view listen);
// Two clouds of our own as providers "sim-openai" and "sim-anthropic".
Result<void> add_simulated(Config& config, const Catalog& catalog, const std::string& openai_url,
                           const std::string& anthropic_url);

// What `hanse check` says: what would be served, from where, with which credentials present (names, never
// values).
std::string describe_config(const Config& config);

// What `hanse models` says: a line each, and all of one (by any of its names; not_found names a near one).
std::string describe_models(const Config& config);
Result<std::string> describe_model(std::string_view name, const Config& config);

// Generated from the descriptions above.
std::string config_help();
std::string config_json_schema();
std::string config_reference_markdown();

}  // namespace hanse::catalog
