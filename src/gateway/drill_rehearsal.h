// A drill that is only rehearsed: a model's offers under a load, recorded or made up, in virtual time
// (route/rehearsal.h), once as it is and once with clouds lost. What the config says of them holds: policy,
// limits, prices, retries, health.
//
//   TRY(RecordedLoad load, recorded_load(access_log_text, "fast"));
//   TRY(std::string report, rehearse_drill(*snapshot, "fast", order, at, load));
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "catalog/snapshot.h"
#include "gateway/drill.h"
#include "route/rehearsal.h"

namespace hanse::gateway {

struct RecordedLoad {
  // How an offer did: sums over the streams of the log.
  struct Seen {
    double first_token_s = 0, tokens = 0, speaking_s = 0;
    size_t streams = 0;
  };
  std::vector<route::PlayedRequest> requests;  // from the first one's moment on
  std::map<std::string, Seen, std::less<>> offers;
  size_t lines_skipped = 0;  // of other models, paths, or what is no line of the log
};

// Of an access log's lines, those of `model`. Error bad_request: none.
Result<RecordedLoad> recorded_load(std::string_view lines, std::string_view model);

// The report, as JSON. `at`: when the drill begins, after the load's. Error: no such model.
Result<std::string> rehearse_drill(const catalog::Snapshot& snapshot, std::string_view model,
                                   const DrillOrder& order, milliseconds at, const RecordedLoad& load);

}  // namespace hanse::gateway
