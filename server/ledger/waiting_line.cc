#include "server/ledger/waiting_line.h"

namespace minnow::ledger {

void WaitingLine::Add(Waiting waiting) {
  GiveUp(waiting.request.worker);
  const int64_t number = next_++;
  of_worker_[waiting.request.worker] = number;
  by_deadline_.emplace(waiting.deadline, number);
  line_.emplace(number, std::move(waiting));
}

void WaitingLine::GiveUp(const WorkerId& worker) {
  const auto found = of_worker_.find(worker);
  if (found != of_worker_.end()) given_up_.push_back(Remove(line_.find(found->second)));
}

void WaitingLine::GiveUpAllOf(const std::string& name) {
  for (;;) {
    const auto found = of_worker_.lower_bound({.name = name, .session = ""});
    if (found == of_worker_.end() || found->first.name != name) return;
    given_up_.push_back(Remove(line_.find(found->second)));
  }
}

void WaitingLine::Serve(int most, const std::function<bool()>& more, const std::function<bool(const Waiting&)>& serve) {
  int left = 0;
  for (auto place = line_.begin(); place != line_.end() && left < most && more();) {
    const auto next = std::next(place);
    if (serve(place->second)) {
      Remove(place);
      ++left;
    }
    place = next;
  }
  cut_short_ = left == most;
}

std::vector<Waiting> WaitingLine::TakeDue(absl::Time now) {
  std::vector<Waiting> due;
  while (!by_deadline_.empty() && by_deadline_.begin()->first <= now) {
    due.push_back(Remove(line_.find(by_deadline_.begin()->second)));
  }
  return due;
}

std::vector<Waiting> WaitingLine::TakeAll() {
  std::vector<Waiting> all = TakeGivenUp();
  while (!line_.empty()) all.push_back(Remove(line_.begin()));
  return all;
}

absl::Time WaitingLine::EarliestDeadline() const {
  return by_deadline_.empty() ? absl::InfiniteFuture() : by_deadline_.begin()->first;
}

Waiting WaitingLine::Remove(Place place) {
  Waiting waiting = std::move(place->second);
  of_worker_.erase(waiting.request.worker);
  by_deadline_.erase({waiting.deadline, place->first});
  line_.erase(place);
  return waiting;
}

}  // namespace minnow::ledger
