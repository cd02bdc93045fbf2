#include "tests/simulation/network.h"

#include <algorithm>
#include <utility>

namespace minnow::simulation {
namespace {

constexpr absl::Duration kUsually = absl::Milliseconds(2);
constexpr absl::Duration kAtMost = absl::Seconds(15);

}  // namespace

void Network::Send(const Line& line, std::function<void()> arrive) {
  if (faults_->Strikes(Fault::kDropped)) return;
  if (line.to_server && faults_->Strikes(Fault::kDuplicated)) Deliver(line, arrive);
  Deliver(line, std::move(arrive));
}

void Network::Deliver(const Line& line, std::function<void()> arrive) {
  Traffic& traffic = lines_[line];
  absl::Duration delay = kUsually * (0.1 + 0.9 * faults_->Uniform());
  if (faults_->Strikes(Fault::kDelayed)) delay += kAtMost * faults_->Skewed();
  absl::Time then = scheduler_->now() + delay;
  if (!faults_->On(Fault::kReordered)) then = std::max(then, traffic.last);
  traffic.last = then;
  const int64_t number = ++traffic.sent;
  scheduler_->After(then - scheduler_->now(), [this, line, number, arrive = std::move(arrive)] {
    Traffic& now = lines_[line];
    if (number < now.newest_arrived) faults_->Count(Fault::kReordered);
    now.newest_arrived = std::max(now.newest_arrived, number);
    arrive();
  });
}

}  // namespace minnow::simulation
