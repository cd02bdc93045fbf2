// Who may call a server, and for what.
#ifndef MINNOW_SERVER_ACCESS_CALLERS_H_
#define MINNOW_SERVER_ACCESS_CALLERS_H_

#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/access/secret_file.h"
#include "server/access/token_list.h"

namespace minnow::access {

// How often the file of tokens is looked at, at most.
inline constexpr absl::Duration kTokenRefresh = absl::Seconds(1);

// Thread-safe.
class Callers {
 public:
  struct Options {
    std::string token_file;  // lines of NAME ROLE TOKEN; empty: no tokens, everybody may do everything
    std::function<absl::Time()> clock;
    // The file has changed: how many tokens there are now, or why those of before stay. Called by who noticed.
    std::function<void(const absl::StatusOr<size_t>& tokens)> reloaded = [](const auto&) {};
  };

  // InvalidArgument begins with --token-file: the file cannot be used, or others have rights to it.
  static absl::StatusOr<std::unique_ptr<Callers>> Open(Options options);

  bool has_tokens() const { return !options_.token_file.empty(); }

  // The name of who calls with the header `authorization`, which is "Bearer TOKEN", or empty where there are no tokens.
  // Unauthenticated without a token that is known; PermissionDenied when its role does not include `needed`. Looks at
  // the file first, when it was last looked at kTokenRefresh ago.
  absl::StatusOr<std::string> Admit(std::string_view authorization, Role needed);

  // Reads the file again, whether it has changed or not.
  void Reload();

 private:
  explicit Callers(Options options) : options_(std::move(options)) {}

  std::shared_ptr<const TokenList> Current();
  // Guarded by mutex_. A stamp is taken before the file is read, so that what is written meanwhile is seen next time.
  absl::Status Read();

  const Options options_;
  std::mutex mutex_;
  std::shared_ptr<const TokenList> tokens_;  // guarded by mutex_
  FileStamp stamp_;                          // of the file, as it was last read
  absl::Time looked_ = absl::InfinitePast();
};

}  // namespace minnow::access

#endif  // MINNOW_SERVER_ACCESS_CALLERS_H_
