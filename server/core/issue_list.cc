#include "server/core/issue_list.h"

#include <algorithm>
#include <utility>

#include "common/work.h"

namespace minnow::core {

int IssueList::Append(int64_t place, const EntryContent& content) {
  Item item{.place = place, .content = content};
  search::Bundle bundle;
  if (const auto* issued = std::get_if<search::Bundle>(&content)) {
    bundle = *issued;
    if (bundle.hole()) holes_.push_back(size());
    item.reported.resize(bundle.trials());
    item.slices.resize((bundle.trials() + kMaxSliceTrials - 1) / kMaxSliceTrials);
    for (int slice = 0; slice < static_cast<int>(item.slices.size()); ++slice) free_.insert({place, slice});
  }
  item.trials_end = TrialsBefore(size()) + bundle.trials();
  items_.push_back(std::move(item));
  bundles_.push_back(std::move(bundle));
  return size() - 1;
}

void IssueList::CutFrom(int begin) {
  if (begin >= size()) return;
  const Piece first{items_[begin].place, 0};
  free_.erase(free_.lower_bound(first), free_.end());
  suspects_.erase(suspects_.lower_bound(first), suspects_.end());
  troubles_.erase(troubles_.lower_bound(first), troubles_.end());
  items_.resize(begin);
  bundles_.resize(begin);
  digests_begin_ = std::min(digests_begin_, begin);
  while (!holes_.empty() && holes_.back() >= begin) holes_.pop_back();
}

Entry IssueList::entry(int index) const {
  const Item& item = items_[index];
  return {.place = item.place, .content = item.content, .state = item.state, .evidence_trials = item.evidence_trials};
}

std::span<const std::optional<search::TrialOutcome>> IssueList::EvidenceOutcomes(int index) const {
  return reported(index).first(static_cast<size_t>(items_[index].evidence_trials));
}

bool IssueList::AllReported(int index) const {
  const auto& reported = items_[index].reported;
  return std::all_of(reported.begin(), reported.end(), [](const auto& outcome) { return outcome.has_value(); });
}

void IssueList::SetFolded(int index, int evidence_trials) {
  items_[index].state = EntryState::kFolded;
  items_[index].evidence_trials = evidence_trials;
}

void IssueList::SetSkipped(int index) { items_[index].state = EntryState::kSkipped; }

void IssueList::SetOutcome(int index, int trial, const search::TrialOutcome& outcome) {
  items_[index].reported[trial] = outcome;
}

void IssueList::SetDigest(int index, int trial, TrialDigest digest) {
  if (index < digests_begin_) return;
  Item& item = items_[index];
  item.digests.resize(item.reported.size());
  item.digests[trial] = std::move(digest);
}

const TrialDigest* IssueList::digest(int index, int trial) const {
  const auto& digests = items_[index].digests;
  return digests.empty() || !digests[trial] ? nullptr : &*digests[trial];
}

void IssueList::ForgetDigestsBefore(int index) {
  for (; digests_begin_ < index; ++digests_begin_) items_[digests_begin_].digests = {};
}

std::optional<int> IssueList::IndexOf(int64_t place) const {
  const auto item = std::lower_bound(items_.begin(), items_.end(), place,
                                     [](const Item& candidate, int64_t wanted) { return candidate.place < wanted; });
  if (item == items_.end() || item->place != place) return std::nullopt;
  return static_cast<int>(item - items_.begin());
}

std::optional<int> IssueList::last_hole() const {
  if (holes_.empty()) return std::nullopt;
  return holes_.back();
}

std::optional<Piece> IssueList::FirstFree(const std::function<bool(int index, int slice)>& needed) {
  return First(free_, needed);
}

std::optional<Piece> IssueList::FirstSuspect(const std::function<bool(int index, int slice)>& needed) {
  return First(suspects_, needed);
}

std::optional<Piece> IssueList::First(std::set<Piece>& pieces,
                                      const std::function<bool(int index, int slice)>& needed) {
  while (!pieces.empty()) {
    const Piece piece = *pieces.begin();
    const std::optional<int> index = IndexOf(piece.place);
    if (index && needed(*index, piece.slice)) return piece;
    pieces.erase(pieces.begin());
  }
  return std::nullopt;
}

int IssueList::Take(Piece piece) {
  free_.erase(piece);
  suspects_.erase(piece);
  SliceState* slice = Find(piece);
  return slice == nullptr ? 0 : ++slice->taken;
}

void IssueList::GiveBack(Piece piece) {
  const SliceState* slice = Find(piece);
  if (slice == nullptr || slice->reported) return;
  const auto trouble = troubles_.find(piece);
  const bool suspect = trouble != troubles_.end() && trouble->second.died.size() >= kDeathsOfASuspect;
  (suspect ? suspects_ : free_).insert(piece);
}

void IssueList::Restore(Piece piece, int attempt, bool held) {
  SliceState* slice = Find(piece);
  if (slice == nullptr) return;
  slice->taken = std::max(slice->taken, attempt);
  if (held) free_.erase(piece);
}

void IssueList::SetReported(Piece piece) {
  free_.erase(piece);
  suspects_.erase(piece);
  troubles_.erase(piece);
  if (SliceState* slice = Find(piece)) slice->reported = true;
}

bool IssueList::IsReported(Piece piece) const {
  const std::optional<int> index = IndexOf(piece.place);
  return index && items_[*index].slices[piece.slice].reported;
}

const Trouble& IssueList::CountFailure(Piece piece, const std::string& worker) {
  Trouble& trouble = troubles_[piece];
  trouble.failed_on.insert(worker);
  return trouble;
}

const Trouble& IssueList::CountDeath(Piece piece, const WorkerId& worker, bool alone) {
  Trouble& trouble = troubles_[piece];
  trouble.died.push_back(worker.name);
  if (alone) trouble.died_alone.insert(worker);
  return trouble;
}

IssueList::SliceState* IssueList::Find(Piece piece) {
  const std::optional<int> index = IndexOf(piece.place);
  return index ? &items_[*index].slices[piece.slice] : nullptr;
}

}  // namespace minnow::core
