#include "server/http/documents.h"

#include <algorithm>
#include <utility>

#include "common/sha256.h"
#include "server/http/process.h"

namespace minnow::http {

Documents::Documents(Open open, std::function<absl::Time()> clock, absl::Duration patience)
    : open_(std::move(open)), clock_(std::move(clock)), patience_(patience), thread_([this] { Work(); }) {}

Documents::~Documents() {
  Stop();
  thread_.join();
}

void Documents::Stop() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_all();
  made_.notify_all();
}

Documents::Made Documents::Get(const std::string& key, Make make) {
  std::unique_lock lock(mutex_);
  if (stopping_) return absl::UnavailableError("the server stops");
  if (!entries_.contains(key)) MakeRoom();
  if (!entries_.contains(key) && entries_.size() >= static_cast<size_t>(kMaxDocuments)) {
    return absl::UnavailableError("too many different pages are asked for at once: try again");
  }
  std::shared_ptr<Entry>& held = entries_[key];
  if (!held) held = std::make_shared<Entry>();
  const std::shared_ptr<Entry> shared = held;  // it may be forgotten while this waits
  Entry& entry = *shared;
  entry.asked = clock_();
  const absl::Duration rest = std::max(kYoungest, kRestFactor * entry.took);
  if (entry.known && entry.asked < entry.finished + rest) return entry.made;
  const int64_t round = entry.round;
  if (!entry.waiting) {
    entry.waiting = true;
    entry.make = std::move(make);
    queue_.push_back(key);
    wake_.notify_one();
  }
  made_.wait_for(lock, absl::ToChronoMilliseconds(patience_), [&] { return stopping_ || entry.round != round; });
  if (entry.known && !stopping_) return entry.made;
  return absl::UnavailableError("the database did not answer in time: try again");
}

void Documents::Work() {
  LowerPriorityOfThisThread();
  std::unique_lock lock(mutex_);
  while (true) {
    wake_.wait(lock, [this] { return stopping_ || !queue_.empty(); });
    if (stopping_) return;
    const std::string key = queue_.front();
    queue_.pop_front();
    const Make make = std::move(entries_.at(key)->make);
    lock.unlock();
    const absl::Time begun = clock_();
    Made made = MakeOne(make);
    lock.lock();
    Entry& entry = *entries_.at(key);  // never forgotten while it is made
    entry.made = std::move(made);
    entry.finished = clock_();
    entry.took = entry.finished - begun;
    entry.known = true;
    entry.waiting = false;
    ++entry.round;
    made_.notify_all();
  }
}

Documents::Made Documents::MakeOne(const Make& make) {
  if (!results_) {
    absl::StatusOr<std::unique_ptr<Results>> opened = open_();
    if (!opened.ok()) return opened.status();
    results_ = *std::move(opened);
  }
  const absl::StatusOr<Json> json = make(*results_, [this] { return stopping_.load(); });
  if (!json.ok()) return json.status();
  auto document = std::make_shared<Document>();
  document->body = JsonText(*json);
  document->tag = "\"" + Sha256Hex(document->body).substr(0, 32) + "\"";
  return document;
}

void Documents::MakeRoom() {
  while (entries_.size() >= static_cast<size_t>(kMaxDocuments)) {
    auto oldest = entries_.end();
    for (auto entry = entries_.begin(); entry != entries_.end(); ++entry) {
      if (entry->second->waiting) continue;
      if (oldest == entries_.end() || entry->second->asked < oldest->second->asked) oldest = entry;
    }
    if (oldest == entries_.end()) return;
    entries_.erase(oldest);
  }
}

}  // namespace minnow::http
