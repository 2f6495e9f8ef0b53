// A task of several tool calls, one after the other, as an agent's user would set it to a simulated model:
//
//   one call at a time: read_file path=notes.txt; run command="wc -l notes.txt"; run command="date"
//
// Each step is a tool's name with the arguments that it shall have; steps end at `;` outside quotes, and the
// order at the end of its line. The model makes the next call each time that it is asked, until all are made
// and answered; then it quotes all answers. The order is over when it has answered in words.
#pragma once

#include <string>
#include <vector>

#include "canon/request.h"
#include "sim/prompt.h"

namespace hanse::sim {

struct Order {
  struct Call {
    std::string tool;
    std::string arguments;  // as read_hints() takes them
  };
  std::vector<Call> calls;          // empty: no order is in force
  size_t made = 0;                  // so many of them
  std::vector<ToolAnswer> answers;  // to those that are made
};

Order read_order(const canon::Request& request);

}  // namespace hanse::sim
