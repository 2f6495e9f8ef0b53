// Requests of one session keep to one offer, whose prompt cache then knows what came before: by consistent
// hashing with bounded load (Mirrokni et al., 2018; rendezvous hashing by weight). Nothing is remembered, so
// any number of sessions costs nothing, and several programs with the same offers agree.
//
//   uint64_t session = session_of("s-123");
//   order_for_session(session, names, facts, tokens, order);      // after choose()
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "route/choose.h"

namespace hanse::route {

// Never 0, which stands for none.
uint64_t session_of(std::string_view name);

// Puts the session's home in front: of the offers that aren't much busier than the others, the one that its
// hash draws, by shares where there are any. Offers without a share are no homes where others have one.
// `names` are hashes by session_of() of the offers' names; `tokens` what this request adds.
void order_for_session(uint64_t session, std::span<const uint64_t> names, std::span<const Facts> facts,
                       int64_t tokens, std::span<uint8_t> order);

}  // namespace hanse::route
