// The dashboard: its pages, the files that they need, and the documents that they show.
//
//   /, /jobs/7, /workers      one HTML page, which chooses by its address
//   /assets/...               its style and scripts; they say nothing of anybody's data
//   /api/jobs                 every job, as JSON
//   /api/jobs/7               everything about one
//   /api/workers              who trains
//
// Answers carry a tag; whoever names the one they have gets 304 while nothing has changed.
#ifndef MINNOW_SERVER_HTTP_PAGES_H_
#define MINNOW_SERVER_HTTP_PAGES_H_

#include <atomic>
#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/time/time.h"
#include "server/http/documents.h"
#include "server/ledger/ledger.h"

namespace minnow::http {

inline constexpr int kMaxAtOnce = 4;                               // requests for documents that are answered at once
inline constexpr absl::Duration kPagePatience = absl::Seconds(8);  // of one of them
inline constexpr double kMaxReadSeconds = 5;                       // for one document

struct PageRequest {
  std::string path;
  std::string known_tag;  // If-None-Match
};

struct PageAnswer {
  int status = 200;
  std::string type = "text/plain; charset=utf-8";
  std::string body;
  std::vector<std::pair<std::string, std::string>> headers = {};
};

// Thread-safe.
class Pages {
 public:
  // `open` gives a connection of its own; `ledger` says what moves, and outlives this.
  Pages(Documents::Open open, ledger::Ledger* ledger, std::function<absl::Time()> clock,
        absl::Duration patience = kPagePatience);

  // 404 for what is not there, 503 with a sentence when nothing can be said now.
  PageAnswer Answer(const PageRequest& request);
  // What a page answers to whoever has shown no token: 401 and the page, which asks for one. `why` is for /api/.
  static PageAnswer AskForToken(std::string_view path, int status, const std::string& why);

  // Of those above, without regard to tokens.
  static bool IsPage(std::string_view path);
  static bool IsAsset(std::string_view path);

  // Ends what waits, so that the server can stop.
  void Stop() { documents_.Stop(); }

 private:
  PageAnswer AnswerDocument(const PageRequest& request);
  Documents::Made Find(const std::string& path);
  absl::StatusOr<std::string> WhyStill(const JobRecord& job) const;

  ledger::Ledger* const ledger_;
  const std::function<absl::Time()> clock_;
  std::atomic<int> answering_ = 0;
  Documents documents_;
};

}  // namespace minnow::http

#endif  // MINNOW_SERVER_HTTP_PAGES_H_
