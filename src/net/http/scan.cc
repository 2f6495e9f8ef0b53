#include "net/http/scan.h"

#include <bit>

#if defined(__SSE2__)
#include <emmintrin.h>
#elif defined(__aarch64__)
#include <arm_neon.h>
#endif

namespace hanse::http {
namespace {

// A block answers, for 16 bytes, where those stand that end a run: one bit a byte (x86) or four (arm).
#if defined(__SSE2__)
#define HANSE_HTTP_SIMD 1
constexpr int kBitsPerByte = 1;

uint64_t ends_text(const char* at) {
  auto v = _mm_loadu_si128(reinterpret_cast<const __m128i*>(at));
  auto control = _mm_cmpeq_epi8(_mm_min_epu8(v, _mm_set1_epi8(0x1f)), v);
  auto stops = _mm_or_si128(control, _mm_cmpeq_epi8(v, _mm_set1_epi8(0x7f)));
  return static_cast<uint32_t>(_mm_movemask_epi8(stops));
}

uint64_t ends_target(const char* at) {
  auto v = _mm_loadu_si128(reinterpret_cast<const __m128i*>(at));
  auto visible = _mm_cmpgt_epi8(v, _mm_set1_epi8(0x20));                // signed: 0x80.. count as below
  auto barred = _mm_or_si128(_mm_cmpeq_epi8(v, _mm_set1_epi8(0x7f)), _mm_cmpeq_epi8(v, _mm_set1_epi8('#')));
  return static_cast<uint32_t>(_mm_movemask_epi8(_mm_andnot_si128(barred, visible))) ^ 0xffffu;
}
#elif defined(__aarch64__)
#define HANSE_HTTP_SIMD 1
constexpr int kBitsPerByte = 4;

uint64_t mask_of(uint8x16_t stops) {
  return vget_lane_u64(vreinterpret_u64_u8(vshrn_n_u16(vreinterpretq_u16_u8(stops), 4)), 0);
}

uint64_t ends_text(const char* at) {
  auto v = vld1q_u8(reinterpret_cast<const uint8_t*>(at));
  return mask_of(vorrq_u8(vcltq_u8(v, vdupq_n_u8(0x20)), vceqq_u8(v, vdupq_n_u8(0x7f))));
}

uint64_t ends_target(const char* at) {
  auto v = vld1q_u8(reinterpret_cast<const uint8_t*>(at));
  auto outside = vorrq_u8(vcleq_u8(v, vdupq_n_u8(0x20)), vcgeq_u8(v, vdupq_n_u8(0x7f)));
  return mask_of(vorrq_u8(outside, vceqq_u8(v, vdupq_n_u8('#'))));
}
#else
#define HANSE_HTTP_SIMD 0
#endif

#if HANSE_HTTP_SIMD
template <uint64_t (*ends)(const char*), ByteClass wanted>
const char* skip(const char* at, const char* end) {
  while (end - at >= 16) {
    uint64_t stops = ends(at);
    if (!stops) {
      at += 16;
      continue;
    }
    at += std::countr_zero(stops) / kBitsPerByte;
    if (!is(*at, wanted)) return at;
    ++at;                                            // a tab: text, but for the block a control byte
  }
  return skip_portable<wanted>(at, end);
}
#endif

}  // namespace

#if HANSE_HTTP_SIMD
const char* skip_text(const char* at, const char* end) { return skip<ends_text, kText>(at, end); }
const char* skip_target(const char* at, const char* end) { return skip<ends_target, kTarget>(at, end); }
#else
const char* skip_text(const char* at, const char* end) { return skip_portable<kText>(at, end); }
const char* skip_target(const char* at, const char* end) { return skip_portable<kTarget>(at, end); }
#endif

}  // namespace hanse::http
