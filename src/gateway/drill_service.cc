// POST /drill: begins one, and answers with the report when it has ended. DELETE /drill ends it early. Only
// clients with `admin` may: a drill lets requests fail.
#include "gateway/answer.h"
#include "gateway/caller.h"
#include "gateway/drill_run.h"
#include "gateway/gateway.h"

namespace hanse::gateway {

using net::Task;

namespace {

constexpr size_t kOrderBytesMax = 64 * 1024;

Result<void> check_admin(CallState& call) {
  TRY(call.client, caller_without_body(call));
  if (call.client && call.client->admin) return {};
  return fail(Code::denied,
              "drills are for clients with 'admin = true' in their [client.NAME] of the config");
}

}  // namespace

// It goes on to its end when the one who asked leaves: so it is not cancelled by that, but by its time, by
// DELETE, and when the program is to stop.
Task<Result<void>> Gateway::drill(CallState& call) {
  CO_TRY_VOID(check_admin(call));
  const Time begin = net::Reactor::current().now();
  if (call.exchange.head().method == "DELETE") {
    const bool ended = cores_.end_drill(begin);
    co_await answer_text(call, ended ? 200 : 404, ended ? "{\"ended\":true}" : "{\"ended\":false}",
                         "application/json");
    co_return Result<void>();
  }
  CO_TRY(std::string_view body, co_await call.exchange.read_body(kOrderBytesMax));
  CO_TRY(std::shared_ptr<DrillOrder> order, read_drill_order(body, call.view->snapshot->providers, begin));
  auto report = co_await run_drill(cores_, core_, std::move(order));
  if (!report) co_return fail(std::move(report.error()));
  co_await answer_text(call, 200, *report, "application/json");
  co_return Result<void>();
}

}  // namespace hanse::gateway
