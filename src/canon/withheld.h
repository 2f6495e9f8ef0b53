// Leaves fields out of a request while it is written for a model that would answer them with an error, and
// puts them back afterwards: the next offer may take them.
//
//   Withheld withheld(request, row.refuses, losses);     // names as OpenAI's Chat has them
//   dialect.encode_request(request, ...);
#pragma once

#include <span>
#include <string>
#include <vector>

#include "canon/request.h"

namespace hanse::canon {

class Withheld {
 public:
  Withheld(Request& request, std::span<const std::string> fields, Losses& losses);
  ~Withheld();
  Withheld(const Withheld&) = delete;
  Withheld& operator=(const Withheld&) = delete;

 private:
  Request& request_;
  Sampling sampling_;
  std::vector<Text> stop_;
};

}  // namespace hanse::canon
