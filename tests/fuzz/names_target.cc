#include <string>

#include "common/data/split.h"
#include "common/resource_names.h"
#include "common/rpc/convert.h"
#include "common/shape.h"
#include "common/text.h"
#include "server/access/token_list.h"
#include "server/rpc/pages.h"
#include "tests/fuzz/targets.h"

namespace minnow::fuzz {
namespace {

// What `read` makes of `text` is written by `write` as text that reads back to the same.
template <class Read, class Write>
void Keeps(const std::string& text, Read read, Write write) {
  const auto value = read(text);
  if (!value.ok()) return Require(absl::IsInvalidArgument(value.status()), "a refusal blames the caller");
  const std::string written = write(*value);
  const auto again = read(written);
  Require(again.ok() && *again == *value, "\"" + text + "\" reads back from \"" + written + "\"");
}

// A token that a list takes is the one that it gives for that place, and no other list takes it.
template <class Position>
void KeepsPlaces(const std::string& token) {
  const std::string list = "jobs\n0\n";
  rpc::Page<Position> page = {.list = list};
  if (!rpc::ReadPage(0, token, {.usual = 10, .most = 20}, page).ok() || token.empty()) return;
  Require(page.size == 10, "a page has its usual size");
  Require(rpc::PageToken(list, page.after) == token, "a token that is taken is one that was given");
  rpc::Page<Position> other = {.list = "shapes\n7"};
  Require(!rpc::ReadPage(0, token, {.usual = 10, .most = 20}, other).ok(), "a token is good for its list alone");
}

void Line(const std::string& text) {
  Keeps(
      text, [](const std::string& name) { return ParseJobName(name); }, JobName);
  Keeps(
      text, [](const std::string& name) { return ParseTrialName(name); },
      [](const TrialName& name) { return TrialNameText(name.job, name.trial); });
  Keeps(text, rpc::ParseDatasetName, rpc::DatasetName);
  Keeps(text, rpc::ParseWorkerName, rpc::WorkerNameText);
  Keeps(text, rpc::ParseRequestId, [](const std::string& id) { return id; });
  Keeps(
      text, [](const std::string& shares) { return data::ParseSplitShares(shares); }, data::SplitText);
  Keeps(
      text, [](const std::string& hidden) { return ParseHidden(hidden); }, HiddenText);
  KeepsPlaces<int64_t>(text);
  KeepsPlaces<std::string>(text);
}

}  // namespace

void Names(std::string_view bytes) {
  for (const std::string_view line : Split(bytes, '\n')) Line(std::string(line));
  const absl::StatusOr<access::TokenList> tokens = access::TokenList::Parse(bytes);
  Require(tokens.ok() || !tokens.status().message().empty(), "a refused list of tokens says why");
}

}  // namespace minnow::fuzz
