#include <benchmark/benchmark.h>

#include "cloud/auth/sigv4_verify.h"

namespace hanse::cloud::sigv4 {
namespace {

const std::string kBody(2048, 'x');
const Scope kScope{"20150830T123600Z", "eu-central-1", "bedrock"};

Request request_of(std::string_view hash) {
  return {"POST",
          "/model/anthropic.claude-sonnet-4-5-20250929-v1%3A0/converse",
          "",
          {{"host", "bedrock-runtime.eu-central-1.amazonaws.com"},
           {"x-amz-date", kScope.timestamp},
           {"content-type", "application/json"}},
          hash};
}

// With the digest of 2 kB and the signing key that is kept.
void sign(benchmark::State& state) {
  SigningKeys keys;
  const Secret secret("wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY");
  for (auto _ : state) {
    const std::string hash = hex_of(sha256(kBody));
    benchmark::DoNotOptimize(
        authorization(request_of(hash), kScope, "AKIDEXAMPLE", keys.key(secret, kScope)));
  }
}
BENCHMARK(sign);

}  // namespace
}  // namespace hanse::cloud::sigv4
