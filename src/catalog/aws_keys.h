// AWS credentials that stand somewhere: in the environment, or in the shared files with their profiles.
//
//   TRY(AwsProfile profile, aws_profile("work"));
//   TRY(AwsKeys keys, keys_of_profile(profile, "the profile 'work'"));     // present() is false without any
//
// Called while the config is loaded, like all that reads credentials. `source` names where they came from,
// never what they are. Which of them is used, and what is fetched instead: aws_credential.cc.
#pragma once

#include <map>
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

// What a profile says, in one or both of the shared files.
using AwsProfile = std::map<std::string, std::string, std::less<>>;

// The settings of a profile in the text of a shared file; `config`: sections are named [profile NAME] there.
// Nested settings are left out.
AwsProfile read_aws_profile(std::string_view text, std::string_view profile, bool config);
// Those of AWS_CONFIG_FILE and AWS_SHARED_CREDENTIALS_FILE, of which the second counts where both say
// something. Error: a file that is there and can't be read.
Result<AwsProfile> aws_profile(std::string_view profile);
// The keys among them, if any. Errors name what is half there; `where` is for people.
Result<AwsKeys> keys_of_profile(const AwsProfile& profile, std::string_view where);
// AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN.
Result<AwsKeys> aws_keys_of_environment();

// What a signature's scope may hold: letters, digits and '-', so that nothing ends a header or a host's name.
bool is_scope_word(std::string_view text);

}  // namespace hanse::catalog
