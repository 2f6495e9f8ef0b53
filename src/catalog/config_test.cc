#include "catalog/config.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

namespace hanse::catalog {
namespace {

std::string chat_target(const Provider& provider) {
  return provider.doors.front().target(provider.url.path, {}, false);
}

const Catalog& rows() {
  static const Catalog catalog = *Catalog::load();
  return catalog;
}

std::string problem_of(std::string_view text) {
  auto config = parse_config(text, "hanse.toml", rows());
  return config ? "good" : config.error().message;
}

constexpr std::string_view kGood = R"(
[provider.openai]
key_env = "TEST_OPENAI_KEY"
[provider.local]
kind = "openai-compatible"
url  = "http://127.0.0.1:8000/v1/"
models = ["smollm2", "shared"]
first_byte = "2s"
[model.fast]
offers = ["openai/gpt-5-mini", "local/org/smollm2"]
[limits]
body_bytes = "1MiB"
idle = 1500
)";

TEST(Config, ReadsWhatAPersonWritesFromMemory) {
  ::setenv("TEST_OPENAI_KEY", "sk-secret", 1);
  auto config = parse_config(kGood, "hanse.toml", rows());
  ASSERT_TRUE(config) << config.error().message;
  EXPECT_EQ(config->limits.body_bytes, 1u << 20);
  EXPECT_EQ(config->limits.idle, milliseconds(1500));
  ASSERT_EQ(config->providers.size(), 2u);
  const Provider& openai = config->providers[0];
  EXPECT_EQ(chat_target(openai), "/v1/chat/completions");
  EXPECT_EQ(openai.credential_header(),
            std::pair(std::string("authorization"), std::string("Bearer sk-secret")));
  EXPECT_EQ(openai.first_byte_timeout, config->limits.first_byte);
  const Provider& local = config->providers[1];
  EXPECT_EQ(chat_target(local), "/v1/chat/completions");
  EXPECT_EQ(local.first_byte_timeout, milliseconds(2000));
  EXPECT_EQ(local.credential_header().first, "");
  std::string said = describe_config(*config);
  EXPECT_NE(said.find("key from TEST_OPENAI_KEY"), std::string::npos) << said;
  EXPECT_EQ(said.find("sk-secret"), std::string::npos);
}

TEST(Config, SaysWhatIsWrongWhereAndWhatIsKnown) {
  struct Case {
    std::string_view text, message;
  } cases[] = {
      {"[provider.openai]\n[model.fast]\n\n\n\nofers = [\"openai/x\"]\noffers = [\"openai/x\"]",
       "hanse.toml: unknown key 'ofers' in [model.fast], line 6; did you mean 'offers'?"},
      {"[sever]\n", "hanse.toml: unknown table [sever], line 1; did you mean 'server'?"},
      {"[server]\nthreads = \"two\"", "hanse.toml: 'threads' in [server], line 2: wanted a whole number"},
      {"[server]\nthreads = 1000", "hanse.toml: 'threads' in [server], line 2: wanted 0 to 256"},
      {"[limits]\nbody_bytes = \"64 elephants\"",
       "hanse.toml: 'body_bytes' in [limits], line 2: wanted a size such as \"64MiB\", or a number of bytes"},
      {"[limits]\nidle = \"1ms\"", "hanse.toml: 'idle' in [limits], line 2: wanted 10ms to 24h"},
      {"[provider.opnai]\n",
       "hanse.toml: 'opnai' in [provider.opnai], line 1 is no known kind, and none is given; did you mean "
       "'openai'?"},
      {"[provider.a]\nkind = \"antropic\"",
       "hanse.toml: unknown kind 'antropic' in [provider.a], line 2; did you mean 'anthropic'?"},
      {"[provider.a]\nkind = \"openai-compatible\"",
       "hanse.toml: 'url' in [provider.a], line 1: a provider of kind 'openai-compatible' needs a url"},
      {"[provider.openai]\nkey = \"sk-123\"",
       "hanse.toml: 'key' in [provider.openai], line 2: a key doesn't belong in the config; put it in an "
       "environment variable and name that with key_env = \"...\", "
       "or in a file with key_file = \"...\""},
      {"[provider.openai]\n[model.m]\noffers = [\"opena/x\"]",
       "hanse.toml: 'offers' in [model.m], line 3: unknown provider 'opena' in 'opena/x'; did you mean "
       "'openai'?"},
      {"[provider.openai]\n[model.m]\noffers = [\"gpt\"]",
       "hanse.toml: 'offers' in [model.m], line 3: 'gpt' is not of the form provider/model"},
      {"[model.m]\n",
       "hanse.toml: [model.m], line 1: 'offers' is missing: a list such as [\"openai/gpt-5-mini\"]"},
      {"[provider.openai]\n[model.m]\noffers = []",
       "hanse.toml: [model.m], line 2: 'offers' is missing: a list such as [\"openai/gpt-5-mini\"]"},
      {"[client.a]\n", "hanse.toml: [client.a], line 1: wanted exactly one of key_env, key_file, key_sha256"},
      {"[client.a]\nkey_sha256 = \"12\"",
       "hanse.toml: 'key_sha256' in [client.a], line 2: wanted 64 hex digits (printf %s KEY | sha256sum)"},
      {"[client.a]\nkey_env = \"TEST_NOT_SET\"",
       "hanse.toml: 'key_env' in [client.a], line 2: the environment variable TEST_NOT_SET is not set"},
      {"[server]\ntls_cert = \"a.pem\"",
       "hanse.toml: 'tls_cert' in [server], line 2: tls_cert and tls_key go together"},
      {"provider = 1", "hanse.toml: [provider], line 1: wanted tables such as [provider.NAME]"},
      {"[provider]\nopenai = 1",
       "hanse.toml: 'openai' in [provider], line 2: wanted a table such as [provider.NAME]"},
      {"server = 1", "hanse.toml: 'server', line 1: wanted one table, written [server]"},
      {"[[limits]]\nidle = 1", "hanse.toml: 'limits', line 1: wanted one table, written [limits]"},
      {"threads = 4",
       "hanse.toml: unknown key 'threads' outside of any table, line 1; known tables are server, limits, "
       "retry, health, log, client, provider, model, concentration, drill"},
      {"[server]\nopen = 1", "hanse.toml: 'open' in [server], line 2: wanted true or false"},
      {"[server]\ntls_cert = 1", "hanse.toml: 'tls_cert' in [server], line 2: wanted a text in quotes"},
      {"[limits]\nidle = \"1 day\"",
       "hanse.toml: 'idle' in [limits], line 2: wanted a time such as \"30s\" or \"500ms\", or a number of "
       "milliseconds"},
      {"[limits]\nbody_bytes = 1.5",
       "hanse.toml: 'body_bytes' in [limits], line 2: wanted a size such as \"64MiB\", or a number of bytes"},
      {"[provider.openai]\nmodels = [\"a\", 1]",
       "hanse.toml: 'models' in [provider.openai], line 2: wanted a list of texts that aren't empty, such as "
       "[\"a\", \"b\"]"},
      {"[provider.openai]\nmodels = [\"\"]",
       "hanse.toml: 'models' in [provider.openai], line 2: wanted a list of texts that aren't empty, such as "
       "[\"a\", \"b\"]"},
      {"[provider.openai]\n[model.m]\noffers = [\"openai/x\", \"openai/x\"]",
       "hanse.toml: 'offers' in [model.m], line 3: 'openai/x' stands there twice"},
      {"[provider.openai]\nheaders = { a = 1 }",
       "hanse.toml: 'headers' in [provider.openai], line 2: wanted only texts in the table"},
  };
  for (const Case& c : cases) EXPECT_EQ(problem_of(c.text), c.message);
}

TEST(Config, AShareIsOfSomethingKnown) {
  const std::string provider = "[provider.a]\nkind = \"openai-compatible\"\nurl = \"http://127.0.0.1:1\"\n";
  EXPECT_EQ(problem_of(provider + "jurisdiction = \"eu\"\n[concentration.x]\nof = \"eu\"\nmost = 60\n"),
            "good");
  EXPECT_EQ(problem_of(provider + "[concentration.x]\nof = \"eu\"\nmost = 60\n"),
            "hanse.toml: 'of' in [concentration.x], line 5: 'eu' is none of a, openai-compatible");
  EXPECT_EQ(problem_of(provider + "[concentration.x]\nof = \"a\"\n"),
            "hanse.toml: 'most' in [concentration.x], line 4: is missing");
  EXPECT_EQ(problem_of(provider + "committed = true\n"),
            "hanse.toml: 'committed' in [provider.a], line 4: wanted concurrency, requests_per_minute or "
            "tokens_per_minute with it");
}

TEST(Config, SharesWithoutAGroupAreOneForEachOffer) {
  const std::string head =
      "[provider.a]\nkind = \"openai-compatible\"\nurl = \"http://127.0.0.1:1\"\n[model.m]\noffers = "
      "[\"a/x\", \"a/y\"]\npolicy = \"weighted\"\nshares = [1, 1]\n";
  EXPECT_EQ(problem_of(head + "shares_without = { a = \"3 , 7\" }\n"), "good");
  for (const char* wrong : {"1", "0, 0", "1, 2, 3", "1; 2", "-1, 2", ""})
    EXPECT_NE(problem_of(head + "shares_without = { a = \"" + wrong + "\" }\n")
                  .find("wanted 2 numbers with commas, not all of them 0"),
              std::string::npos)
        << wrong;
  EXPECT_NE(problem_of(head + "shares_without = { mars = \"1, 2\" }\n").find("'mars' is none of a"),
            std::string::npos);
}

TEST(Config, SyntaxErrorsNameTheLine) {
  EXPECT_TRUE(problem_of("[a]\nb = \n").starts_with("hanse.toml: line 2: not valid TOML: "));
}

TEST(Config, TellsAllThatIsWrongAtOnce) {
  std::string said = problem_of("[server]\nthreads = -1\nlisten = 5\n[limits]\nnope = 1");
  EXPECT_EQ(std::ranges::count(said, '\n'), 2) << said;
}

TEST(Config, ListensBeyondLoopbackOnlyWithKeysOrWhenToldSo) {
  EXPECT_NE(problem_of("[server]\nlisten = \"0.0.0.0:8080\"").find("[client.NAME]"), std::string::npos);
  EXPECT_EQ(problem_of("[server]\nlisten = \"0.0.0.0:8080\"\nopen = true"), "good");
  ::setenv("TEST_CLIENT_KEY", "k", 1);
  EXPECT_EQ(
      problem_of(
          "[server]\nlisten = [\"0.0.0.0:8080\", \"[::1]:1\"]\n[client.a]\nkey_env = \"TEST_CLIENT_KEY\""),
      "good");
}

TEST(Config, KeysComeFromVariablesAndFilesAndAreNeverShown) {
  std::string file = ::testing::TempDir() + "/hanse_config_test_key";
  std::ofstream(file) << "sk-in-file\n";
  ::setenv("TEST_KEY_BROKEN", "sk-in\nbroken", 1);
  ::setenv("TEST_KEY_PADDED", " sk-padded \n", 1);
  auto key_of = [](const std::string& option) {
    auto config = parse_config("[provider.openai]\n" + option, "hanse.toml", rows());
    return config ? std::string(config->providers[0].key.reveal()) : config.error().message;
  };
  EXPECT_EQ(key_of("key_file = \"" + file + "\""), "sk-in-file");
  EXPECT_EQ(key_of("key_env = \"TEST_KEY_PADDED\""), "sk-padded");
  EXPECT_EQ(key_of("key_env = \"TEST_NOT_SET\""), "");
  EXPECT_EQ(
      key_of("key_env = \"TEST_KEY_BROKEN\""),
      "hanse.toml: 'key_env' in [provider.openai], line 2: TEST_KEY_BROKEN: the key has a blank, a control "
      "byte or a byte beyond ASCII in it");
  EXPECT_EQ(
      key_of("key_env = \"sk-proj-123\""),
      "hanse.toml: 'key_env' in [provider.openai], line 2: wanted the name of an environment variable; the "
      "key itself doesn't belong here");
  EXPECT_EQ(key_of("key_file = \"/nowhere/key\""),
            "hanse.toml: 'key_file' in [provider.openai], line 2: /nowhere/key: No such file or directory");
  EXPECT_EQ(key_of("key_file = \"/dev/null\""),
            "hanse.toml: 'key_file' in [provider.openai], line 2: /dev/null: the file is empty");
  EXPECT_EQ(key_of("key_file = \"/dev/zero\""),
            "hanse.toml: 'key_file' in [provider.openai], line 2: /dev/zero: it is larger than 64KiB");
  EXPECT_EQ(key_of("key_env = \"A\"\nkey_file = \"" + file + "\""),
            "hanse.toml: 'key_file' in [provider.openai], line 3: wanted one of key_env and key_file");
}

TEST(Config, HeadersAndNamesCannotBreakARequest) {
  auto header = [](const std::string& name, const std::string& value) {
    std::string said = problem_of("[provider.openai]\nheaders = { \"" + name + "\" = \"" + value + "\" }");
    size_t line = said.find("line 2: ");
    return line == std::string::npos ? said : said.substr(line);
  };
  EXPECT_EQ(header("openai-beta", "assistants=v2"), "good");
  EXPECT_EQ(header("Content-Length", "5"), "line 2: 'Content-Length' is written by Hanse itself");
  EXPECT_EQ(header("X-Api-Key", "sk-1"),
            "line 2: 'X-Api-Key' carries a credential, which doesn't belong here; use key_env or key_file");
  EXPECT_EQ(header("a b", "c"), "line 2: a header's name has a byte that none may have");
  EXPECT_EQ(header("a", "b\\r\\nevil: 1"), "line 2: the value of 'a' has a line break or control byte");
  EXPECT_EQ(
      problem_of("[provider.\"a/b\"]\nkind = \"openai\""),
      "hanse.toml: [provider.a/b], line 1: a provider's name has letters, digits, '-', '_' and '.' only");
  EXPECT_EQ(problem_of("[provider.openai]\n[model.\"a\\nb\"]\noffers = \"openai/x\""),
            "hanse.toml: [model.a b], line 2: a name has no line breaks or control bytes");
  EXPECT_EQ(problem_of("[client.\"\"]\nkey_env = \"TEST_OPENAI_KEY\""),
            "hanse.toml: [client.], line 1: a name can't be empty");
}

TEST(Config, AWrongProviderMakesItsOffersNoneTheWorse) {
  EXPECT_EQ(problem_of("[provider.a]\nkind = \"opnai\"\n[model.m]\noffers = [\"a/x\"]"),
            "hanse.toml: unknown kind 'opnai' in [provider.a], line 2; did you mean 'openai'?");
}

TEST(Config, WarnsOfWhatWorksButIsNotMeant) {
  ::unsetenv("MISTRAL_API_KEY");
  ::setenv("TEST_CLIENT_KEY", "k", 1);
  auto config = parse_config(R"(
[provider.mistral]
[provider.llama-cpp]
[provider.lan]
kind = "openai-compatible"
url = "http://10.0.0.7:8000/v1"
key_env = "TEST_CLIENT_KEY"
[model.fast]
offers = ["lan/x"]
[client.a]
key_env = "TEST_CLIENT_KEY"
models = ["fats", "fast", "lan/y"]
)",
                             "hanse.toml", rows());
  ASSERT_TRUE(config) << config.error().message;
  EXPECT_EQ(config->warnings,
            (std::vector<std::string>{
                "provider 'mistral' has no key: the environment variable MISTRAL_API_KEY is not set",
                "provider 'llama-cpp' is at http://127.0.0.1:8080/v1, where Hanse itself listens",
                "provider 'lan': its key goes out unencrypted, http://10.0.0.7:8000/v1 has no TLS",
                "client 'a' may ask for 'fats', which is not served; did you mean 'fast'?"}));
  ASSERT_TRUE(set_listen(*config, "127.0.0.1:9090"));
  EXPECT_EQ(config->warnings.size(), 3u) << "llama.cpp's address is not ours any more";
}

TEST(Config, FilesThatCannotBeReadSayWhy) {
  auto folder = load_config(::testing::TempDir(), rows());
  ASSERT_FALSE(folder);
  EXPECT_TRUE(folder.error().message.ends_with(": it is a folder")) << folder.error().message;
  EXPECT_EQ(load_config("/nowhere/hanse.toml", rows()).error().message,
            "can't read the config /nowhere/hanse.toml: No such file or directory");
  std::string pem = ::testing::TempDir() + "/hanse_config_test_pem";
  std::ofstream(pem) << "not PEM";
  EXPECT_EQ(problem_of("[provider.openai]\ntls_ca = \"" + pem + "\""),
            "hanse.toml: 'tls_ca' in [provider.openai], line 2: " + pem + ": it holds no PEM CERTIFICATE");
}

TEST(Config, FilesAreLookedForBesideTheConfig) {
  const std::string folder = ::testing::TempDir() + "hanse_config_test_folder";
  std::filesystem::create_directories(folder);
  std::ofstream(folder + "/key") << "sk-beside\n";
  std::ofstream(folder + "/hanse.toml")
      << "[provider.openai]\nkey_file = \"key\"\n[log]\naccess = \"access.log\"\n";
  auto config = load_config(folder + "/hanse.toml", rows());
  ASSERT_TRUE(config) << config.error().message;
  EXPECT_EQ(config->providers[0].key.reveal(), "sk-beside");
  EXPECT_EQ(config->log.access, folder + "/access.log");
  std::filesystem::remove_all(folder);
}

TEST(Config, TheEnvironmentNamesProvidersToo) {
  for (const char* name :
       {"OPENAI_API_KEY", "ANTHROPIC_API_KEY", "HANSE_OPENAI_COMPATIBLE_URL", "HANSE_OPENAI_COMPATIBLE_KEY"})
    ::unsetenv(name);
  EXPECT_TRUE(config_from_environment(rows())->providers.empty());
  ::setenv("ANTHROPIC_API_KEY", "sk-ant", 1);
  ::setenv("HANSE_OPENAI_COMPATIBLE_URL", "http://127.0.0.1:8000/v1", 1);
  auto config = config_from_environment(rows());
  ASSERT_TRUE(config);
  ASSERT_EQ(config->providers.size(), 2u);
  EXPECT_EQ(config->providers[0].credential_header(),
            std::pair(std::string("x-api-key"), std::string("sk-ant")));
  EXPECT_EQ(config->providers[1].name, "local");
  EXPECT_EQ(config->providers[1].credential_header().first, "");
  ::setenv("HANSE_OPENAI_COMPATIBLE_URL", "127.0.0.1", 1);
  EXPECT_EQ(config_from_environment(rows()).error().message,
            "HANSE_OPENAI_COMPATIBLE_URL: '127.0.0.1': a URL starts with http:// or https://");
  for (const char* name : {"ANTHROPIC_API_KEY", "HANSE_OPENAI_COMPATIBLE_URL"}) ::unsetenv(name);
}

}  // namespace
}  // namespace hanse::catalog
