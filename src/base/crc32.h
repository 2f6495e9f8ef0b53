// CRC-32 as of zlib, Ethernet and gzip (polynomial 0xEDB88320, reflected), sixteen bytes a step.
//
//   uint32_t crc = crc32(bytes);
//   crc = crc32(more, crc);             // of both, one behind the other
#pragma once

#include <cstdint>
#include <string_view>

namespace hanse {

uint32_t crc32(std::string_view bytes, uint32_t before = 0);

}  // namespace hanse
