// What goes to a provider: head and body, as parts that are gathered into one write. Where the client speaks
// the provider's dialect the body is the client's own bytes around the model's name.
#pragma once

#include <sys/uio.h>

#include <array>
#include <span>
#include <string>

#include "canon/request.h"
#include "catalog/snapshot.h"
#include "gateway/call_state.h"

namespace hanse::gateway {

class ProviderRequest {
 public:
  // Error: bad_request or unsupported when the request can't be said in the door's dialect (strict clients:
  // when anything would be lost).
  static Result<ProviderRequest> build(CallState& call, const ProviderAccess& access, const DoorAccess& door,
                                       const catalog::Offer& offer, const HeldToken* token = nullptr);

  // Valid while this object, the call's body and the view live; recomputed because the object may have moved.
  std::span<const iovec> parts();
  const canon::Losses& losses() const { return losses_; }
  size_t body_size() const { return body_size_; }

 private:
  void sign(const ProviderAccess& access, const catalog::AwsKeys& keys);
  void keep_body(const CallState& call, const catalog::Door& door, std::string_view model);

  std::string head_;
  std::string_view before_, behind_;  // the client's bytes around the model
  std::string model_;                 // its JSON token; or the whole translated body
  canon::Losses losses_;
  size_t body_size_ = 0;
  std::array<iovec, 4> parts_{};
};

// The client's request in the canonical form, with what its path says.
Result<std::unique_ptr<canon::Request>> decode(const CallState& call, json::Value root);

// With its line end.
// Where the provider answers what is asked for instead of a chat, with {model} in it; empty: nowhere.
std::string path_beside_chat(const CallState& call, const DoorAccess& door, std::string_view model);
std::string request_line(std::string_view method, std::string_view target);
// The headers that never change for a provider, up to but not including content-length; holds the credential.
std::string provider_headers(const catalog::Provider& provider, std::string_view method);

}  // namespace hanse::gateway
