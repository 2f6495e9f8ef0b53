// Media that no provider could read, told before one is asked: data that isn't base64, an image whose bytes
// are of another type than the client says, a file that only another provider keeps, an address where the
// target takes none (nothing is fetched).
//
//   TRY_VOID(check_media(request));                    // before the request is written
//   TRY_VOID(refuse_lost_media(request, losses));      // after: what could not be said
#pragma once

#include "canon/request.h"

namespace hanse {

// What the first bytes of an image tell ("image/png"); empty: nothing that is known here, or no base64.
std::string_view image_type_of(std::string_view base64);

// Error bad_request names the part in the client's words.
Result<void> check_media(const canon::Request& request);
// Error unsupported: an offer that speaks another dialect may take it.
Result<void> refuse_lost_media(const canon::Request& request, const canon::Losses& losses);

}  // namespace hanse
