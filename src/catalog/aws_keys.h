// AWS credentials that stand somewhere: in the environment, or in the shared files with their profiles.
//
//   TRY(AwsKeys keys, read_aws_keys("work"));      // present() is false where there are none
//
// Called while the config is loaded, like all that reads credentials. `source` names where they came from,
// never what they are.
#pragma once

#include <string>
#include <string_view>

#include "base/error.h"
#include "base/secret.h"

namespace hanse::catalog {

struct AwsKeys {
  std::string access_key_id;
  Secret secret, session_token;
  std::string source;

  bool present() const { return !secret.empty(); }
};

struct Provider;

// The profile's; without one the environment's (AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN),
// then those of AWS_PROFILE or `default` in AWS_SHARED_CREDENTIALS_FILE and AWS_CONFIG_FILE. Errors name what
// is half there.
Result<AwsKeys> read_aws_keys(const std::string& profile);
// The keys of a profile in the text of a shared file; `config`: sections are named [profile NAME] there.
Result<AwsKeys> read_aws_profile(std::string_view text, std::string_view profile, bool config);
// For a provider that signs and has no key. Error at `profile` or `region`.
Result<void> find_aws_keys(Provider& provider);

// What a signature's scope may hold: letters, digits and '-', so that nothing ends a header or a host's name.
bool is_scope_word(std::string_view text);

}  // namespace hanse::catalog
