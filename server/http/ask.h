// Questions to the ledger that do not wait for long.
#ifndef MINNOW_SERVER_HTTP_ASK_H_
#define MINNOW_SERVER_HTTP_ASK_H_

#include <chrono>
#include <future>
#include <memory>
#include <string>
#include <utility>

#include "absl/status/statusor.h"

namespace minnow::http {

inline constexpr int kAnswerSeconds = 2;  // how long the ledger may take to answer

// Calls `ask` with a callback, and waits for what that is given. Unavailable when it takes too long: the answer may
// then come when nobody waits for it any more.
template <class Answer, class Ask>
absl::StatusOr<Answer> AskLedger(const Ask& ask) {
  auto promise = std::make_shared<std::promise<absl::StatusOr<Answer>>>();
  std::future<absl::StatusOr<Answer>> answer = promise->get_future();
  ask([promise](absl::StatusOr<Answer> said) { promise->set_value(std::move(said)); });
  if (answer.wait_for(std::chrono::seconds(kAnswerSeconds)) != std::future_status::ready) {
    return absl::UnavailableError("no answer from the ledger within " + std::to_string(kAnswerSeconds) +
                                  " seconds: is the disk slow or stuck?");
  }
  return answer.get();
}

}  // namespace minnow::http

#endif  // MINNOW_SERVER_HTTP_ASK_H_
