#include "base/json_escapes.h"

#include "base/bytes.h"
#include "base/json.h"

#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace hanse::json {
namespace {

#if defined(__x86_64__)
// True when behind each backslash stands one of "\/bfnrt: then all is well, and no branch was taken on the
// way, which for text with many escapes costs more than the looking. False says nothing: \u must be read, and
// the second of two backslashes is no escape.
__attribute__((target("avx2"))) bool only_short_escapes(std::string_view text) {
  // A bit a high digit (2, 5, 6, 7): whether with this low digit it is one of the letters.
  const __m256i of_low = _mm256_setr_epi8(0, 0, 13, 0, 8, 0, 4, 0, 0, 0, 0, 0, 2, 0, 4, 1,  //
                                          0, 0, 13, 0, 8, 0, 4, 0, 0, 0, 0, 0, 2, 0, 4, 1);
  const __m256i of_high = _mm256_setr_epi8(0, 0, 1, 0, 0, 2, 4, 8, 0, 0, 0, 0, 0, 0, 0, 0,  //
                                           0, 0, 1, 0, 0, 2, 4, 8, 0, 0, 0, 0, 0, 0, 0, 0);
  const __m256i digit = _mm256_set1_epi8(15), backslash = _mm256_set1_epi8('\\');
  __m256i odd = _mm256_setzero_si256();
  auto look = [&](const char* at) __attribute__((target("avx2"))) {
    const __m256i here = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(at));
    const __m256i next = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(at + 1));
    const __m256i low = _mm256_shuffle_epi8(of_low, _mm256_and_si256(next, digit));
    const __m256i high = _mm256_shuffle_epi8(of_high, _mm256_and_si256(_mm256_srli_epi16(next, 4), digit));
    const __m256i other = _mm256_cmpeq_epi8(_mm256_and_si256(low, high), _mm256_setzero_si256());
    odd = _mm256_or_si256(odd, _mm256_and_si256(_mm256_cmpeq_epi8(here, backslash), other));
  };
  constexpr size_t kWidth = 32;
  if (text.size() <= kWidth) return false;
  size_t i = 0;
  for (; i + kWidth < text.size(); i += kWidth) look(text.data() + i);
  look(text.data() + text.size() - kWidth - 1);
  return _mm256_testz_si256(odd, odd) && text.back() != '\\';
}

// The same, twice as many bytes at a time: of a request of 32 kB the looking cost 3 % of all that is done for
// it.
__attribute__((target("avx512bw"))) bool only_short_escapes_wide(std::string_view text) {
  const __m512i of_low =
      _mm512_broadcast_i32x4(_mm_setr_epi8(0, 0, 13, 0, 8, 0, 4, 0, 0, 0, 0, 0, 2, 0, 4, 1));
  const __m512i of_high =
      _mm512_broadcast_i32x4(_mm_setr_epi8(0, 0, 1, 0, 0, 2, 4, 8, 0, 0, 0, 0, 0, 0, 0, 0));
  const __m512i digit = _mm512_set1_epi8(15), backslash = _mm512_set1_epi8('\\');
  uint64_t odd = 0;
  auto look = [&](const char* at) __attribute__((target("avx512bw"))) {
    const __m512i here = _mm512_loadu_si512(at), next = _mm512_loadu_si512(at + 1);
    const __m512i low = _mm512_shuffle_epi8(of_low, _mm512_and_si512(next, digit));
    const __m512i high = _mm512_shuffle_epi8(of_high, _mm512_and_si512(_mm512_srli_epi16(next, 4), digit));
    odd |= _mm512_cmpeq_epi8_mask(here, backslash) & _mm512_testn_epi8_mask(low, high);
  };
  constexpr size_t kWidth = 64;
  if (text.size() <= kWidth) return false;
  size_t i = 0;
  for (; i + kWidth < text.size(); i += kWidth) look(text.data() + i);
  look(text.data() + text.size() - kWidth - 1);
  return odd == 0 && text.back() != '\\';
}

bool looks_well(std::string_view text) {
  static const bool wide = __builtin_cpu_supports("avx512bw"), narrow = __builtin_cpu_supports("avx2");
  return wide ? only_short_escapes_wide(text) : narrow && only_short_escapes(text);
}
#else
bool looks_well(std::string_view) { return false; }
#endif

}  // namespace

// Backslashes stand in strings only, so one look over a whole text finds every bad escape.
bool escapes_are_valid(std::string_view text) {
  if (looks_well(text)) return true;
  for (size_t i = 0; (i = find_byte(text, '\\', i)) != kNotFound;) {
    constexpr std::string_view kLetters = "\"\\/bfnrt";
    const char letter = ++i < text.size() ? text[i] : '\0';
    if (letter == 'u' && hex4(text.substr(i + 1)) >= 0)
      i += 5;
    else if (kLetters.contains(letter))
      ++i;
    else
      return false;
  }
  return true;
}

}  // namespace hanse::json
