// Files of credentials and answers of token servers, of any bytes: nothing crashes, and no token comes out
// that could end a header.
#include <algorithm>

#include "base/assert.h"
#include "cloud/auth/granter.h"

namespace {

using namespace hanse;

void check(const Secret& text) {
  HANSE_ASSERT(std::ranges::all_of(text.reveal(), [](char c) { return c > ' ' && c < 0x7f; }));
}

// Each piece of the bytes is the next answer.
void drive(const catalog::Credential& credential, std::string_view bytes, const cloud::Outside& outside) {
  auto granter = cloud::make_granter(credential);
  auto step = granter->begin(outside);
  while (step && !bytes.empty()) {
    if (auto* grant = std::get_if<cloud::Grant>(&*step)) {
      check(grant->token);
      check(Secret(grant->aws.access_key_id));
      check(grant->aws.secret);
      check(grant->aws.session_token);
      HANSE_ASSERT(grant->life_s > 0);
      return;
    }
    const size_t end = std::min(bytes.find('\0'), bytes.size());
    step = granter->go_on({bytes[0] == '!' ? 400 : 200, bytes.substr(0, end)}, outside);
    bytes.remove_prefix(std::min(end + 1, bytes.size()));
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const cloud::Outside outside{1'795'428'000, "n", [&](const std::string&) -> Result<std::string> {
                                 return std::string(text.substr(0, 20));
                               }};
  const Url url = *parse_url("http://127.0.0.1:1/t");
  catalog::GoogleExternal external;
  external.token_url = external.impersonation_url = url;
  external.subject_field = size % 2 ? "a" : "";
  catalog::AwsRole role;
  role.sts = url;
  role.base =
      std::make_shared<catalog::Credential>(catalog::Credential{catalog::AwsMachine{url}, {}, {}, {}});
  for (const catalog::Credential& credential :
       {catalog::Credential{catalog::GoogleMetadata{url}, {}, {}, {}},
        catalog::Credential{external, "s", {}, {}},
        catalog::Credential{catalog::EntraMachine{url, {}, {}}, "https://a/.default", {}, {}},
        catalog::Credential{role, {}, {}, {}},
        catalog::Credential{catalog::AwsContainer{url, {}, {}, "/f"}, {}, {}, {}}})
    drive(credential, text, outside);
  if (auto read = catalog::read_google_file(text)) {
    read->scope = "s";
    drive(*read, text, outside);
  }
  (void)catalog::read_aws_profile(text, "default", size % 2 == 0);
  return 0;
}
