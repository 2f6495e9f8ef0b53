// Authorization headers and requests of any bytes: nothing crashes, nothing verifies that wasn't signed, and
// what is signed is verified.
#include "base/assert.h"
#include "cloud/auth/sigv4_verify.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace hanse::cloud::sigv4;
  std::string_view text(reinterpret_cast<const char*>(data), size);
  const size_t cut = std::min(text.find('\n'), size);
  const std::string_view first = text.substr(0, cut);
  const std::string_view rest = text.substr(std::min(cut + 1, size));
  const std::vector<Field> fields{{"host", "h"}, {"x-amz-date", "20150830T123600Z"}, {"x-own", rest}};
  Received request{"POST", rest, first, "h", fields, first};
  if (auto said = Presented::parse(first)) HANSE_ASSERT(!verify(*said, request, "secret", 1440938160));
  const Scope scope{"20150830T123600Z", "r", "s"};
  const std::string hash = hanse::cloud::hex_of(hanse::cloud::sha256(first));
  const std::string good =
      authorization({"POST", rest, first, fields, hash}, scope, "AKID", signing_key("secret", scope));
  auto said = Presented::parse(good);
  HANSE_ASSERT(said && verify(*said, request, "secret", 1440938160));
  return 0;
}
