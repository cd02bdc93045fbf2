// Stride scheduling (Waldspurger and Weihl 1995): each entrant has a virtual time that grows by amount / weight as it
// is given something, and the ready one with the smallest time is next. Everything takes O(log n).
#ifndef MINNOW_SERVER_CORE_STRIDE_H_
#define MINNOW_SERVER_CORE_STRIDE_H_

#include <algorithm>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <utility>

namespace minnow::core {

template <class Key>
class Stride {
 public:
  // Takes part from now on, at the smallest virtual time of the others, so that it neither waits for them nor makes
  // them wait. Of one that takes part already only the weight changes.
  void Enter(const Key& key, int weight) {
    const double start = all_.empty() ? 0 : all_.begin()->first;
    const auto [entrant, is_new] = entrants_.try_emplace(key, Entrant{.time = start});
    entrant->second.weight = std::max(weight, 1);
    if (is_new) all_.insert({start, key});
  }

  void Leave(const Key& key) {
    const auto entrant = entrants_.find(key);
    if (entrant == entrants_.end()) return;
    all_.erase({entrant->second.time, key});
    ready_.erase({entrant->second.time, key});
    entrants_.erase(entrant);
  }

  // It was given so much; less than nothing: some was given back.
  void Charge(const Key& key, int64_t amount) {
    const auto entrant = entrants_.find(key);
    if (entrant == entrants_.end()) return;
    if (amount > 0) turn_ = std::max(turn_, entrant->second.time);
    Move(key, entrant->second, entrant->second.time + static_cast<double>(amount) / entrant->second.weight);
  }

  // Whether it can use anything. One that could not for a while enters again: nothing is saved up.
  void SetReady(const Key& key, bool ready) {
    const auto found = entrants_.find(key);
    if (found == entrants_.end() || found->second.ready == ready) return;
    Entrant& entrant = found->second;
    if (ready) Move(key, entrant, std::max(entrant.time, ready_.empty() ? turn_ : ready_.begin()->first));
    entrant.ready = ready;
    if (ready) {
      ready_.insert({entrant.time, key});
    } else {
      ready_.erase({entrant.time, key});
    }
  }

  // Of the ready ones the one whose turn it is.
  std::optional<Key> Next() const {
    if (ready_.empty()) return std::nullopt;
    return ready_.begin()->second;
  }

  bool empty() const { return entrants_.empty(); }

 private:
  struct Entrant {
    double time = 0;  // virtual
    int weight = 1;
    bool ready = false;
  };

  void Move(const Key& key, Entrant& entrant, double time) {
    all_.erase({entrant.time, key});
    all_.insert({time, key});
    if (ready_.erase({entrant.time, key}) > 0) ready_.insert({time, key});
    entrant.time = time;
  }

  double turn_ = 0;  // the virtual time at which somebody was last given something; it never goes back
  std::map<Key, Entrant> entrants_;
  std::set<std::pair<double, Key>> all_;    // by virtual time
  std::set<std::pair<double, Key>> ready_;  // those of them that are ready
};

}  // namespace minnow::core

#endif  // MINNOW_SERVER_CORE_STRIDE_H_
