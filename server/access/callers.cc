#include "server/access/callers.h"

#include <spdlog/fmt/fmt.h>

#include <utility>

#include "common/access/token.h"

namespace minnow::access {
namespace {

constexpr char kFlag[] = "--token-file";

absl::Status NoToken() {
  return absl::UnauthenticatedError(
      "this server wants a token: give the file that holds yours with --token-file FILE or MINNOW_TOKEN_FILE");
}

absl::Status UnknownToken() {
  return absl::UnauthenticatedError(
      "this server does not know your token: check that --token-file or MINNOW_TOKEN_FILE names the right file, or ask "
      "who runs the server for a new one");
}

absl::Status WrongRole(const TokenList::Holder& holder, Role needed) {
  return absl::PermissionDeniedError(
      fmt::format("the token of {} is for \"{}\", and this needs one for \"{}\": ask who "
                  "runs the server for one",
                  holder.name, Name(holder.role), Name(needed)));
}

}  // namespace

absl::StatusOr<std::unique_ptr<Callers>> Callers::Open(Options options) {
  std::unique_ptr<Callers> callers(new Callers(std::move(options)));
  if (!callers->has_tokens()) return callers;
  std::lock_guard lock(callers->mutex_);
  callers->looked_ = callers->options_.clock();
  if (absl::Status status = callers->Read(); !status.ok()) return status;
  return callers;
}

absl::StatusOr<std::string> Callers::Admit(std::string_view authorization, Role needed) {
  if (!has_tokens()) return "";
  const std::shared_ptr<const TokenList> tokens = Current();
  if (authorization.empty()) return NoToken();
  const std::string_view scheme = kTokenScheme;
  if (!authorization.starts_with(scheme)) return UnknownToken();
  const TokenList::Holder* const holder = tokens->Find(authorization.substr(scheme.size()));
  if (holder == nullptr) return UnknownToken();
  if (!Includes(holder->role, needed)) return WrongRole(*holder, needed);
  return holder->name;
}

void Callers::Reload() {
  if (!has_tokens()) return;
  absl::StatusOr<size_t> tokens = 0;
  {
    std::lock_guard lock(mutex_);
    const absl::Status status = Read();
    tokens = status.ok() ? absl::StatusOr<size_t>(tokens_->size()) : status;
  }
  options_.reloaded(tokens);
}

std::shared_ptr<const TokenList> Callers::Current() {
  const absl::Time now = options_.clock();
  bool changed = false;
  {
    std::lock_guard lock(mutex_);
    if (now - looked_ >= kTokenRefresh) {
      looked_ = now;
      changed = StampOf(options_.token_file) != stamp_;
    }
    if (!changed) return tokens_;
  }
  Reload();
  std::lock_guard lock(mutex_);
  return tokens_;
}

absl::Status Callers::Read() {
  stamp_ = StampOf(options_.token_file);
  const absl::StatusOr<std::string> text = ReadSecretFile(kFlag, options_.token_file);
  if (!text.ok()) return text.status();
  absl::StatusOr<TokenList> list = TokenList::Parse(*text);
  if (!list.ok()) {
    return absl::InvalidArgumentError(
        fmt::format("{}: \"{}\", {}", kFlag, options_.token_file, std::string(list.status().message())));
  }
  tokens_ = std::make_shared<const TokenList>(*std::move(list));
  return absl::OkStatus();
}

}  // namespace minnow::access
