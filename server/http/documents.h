// The documents of the pages, for whoever asks over HTTP. One thread reads them, with a connection of its own, at low
// priority and for a bounded share of the time, so that people who look disturb no job, however many they are:
//
// - all who ask for a document get the same one, made once;
// - it is made again when it is a second old, and ten times as old as its making took;
// - who asks waits for it for a while, then gets the one before.
#ifndef MINNOW_SERVER_HTTP_DOCUMENTS_H_
#define MINNOW_SERVER_HTTP_DOCUMENTS_H_

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <thread>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/report/output.h"
#include "common/results.h"

namespace minnow::http {

inline constexpr int kMaxDocuments = 32;  // that are kept
inline constexpr absl::Duration kYoungest = absl::Seconds(1);
inline constexpr int kRestFactor = 10;

struct Document {
  std::string body;  // JSON
  std::string tag;   // differs when the body does; with the quotes that HTTP wants
};

// Thread-safe.
class Documents {
 public:
  using Open = std::function<absl::StatusOr<std::unique_ptr<Results>>()>;
  // `cancelled` says that nobody waits for it any more.
  using Make = std::function<absl::StatusOr<Json>(Results&, const std::function<bool()>& cancelled)>;
  using Made = absl::StatusOr<std::shared_ptr<const Document>>;

  // `open` and what makes documents run on the thread of this object. `patience`: how long who asks may wait.
  Documents(Open open, std::function<absl::Time()> clock, absl::Duration patience);
  ~Documents();  // cancels what is being made, and waits for its end
  Documents(const Documents&) = delete;
  Documents& operator=(const Documents&) = delete;

  // The document `key`, made by `make` where that is needed. Takes the error of either; Unavailable when nothing comes
  // in time and there is none from before.
  Made Get(const std::string& key, Make make);

  // Whoever waits gets Unavailable, now and from now on.
  void Stop();

 private:
  struct Entry {
    Make make;
    Made made = absl::UnavailableError("");
    bool known = false;    // `made` was made
    bool waiting = false;  // in queue_, or being made
    int64_t round = 0;     // counts how often it was made
    absl::Time finished;
    absl::Duration took;
    absl::Time asked;  // the last time
  };

  void Work();
  Made MakeOne(const Make& make);
  // Forgets what nobody has asked for lately where there are too many.
  void MakeRoom();

  const Open open_;
  const std::function<absl::Time()> clock_;
  const absl::Duration patience_;
  std::unique_ptr<Results> results_;  // of the thread alone
  std::mutex mutex_;
  std::condition_variable wake_;  // of the thread
  std::condition_variable made_;  // of those who wait
  std::map<std::string, std::shared_ptr<Entry>> entries_;
  std::deque<std::string> queue_;
  std::atomic<bool> stopping_ = false;
  std::thread thread_;
};

}  // namespace minnow::http

#endif  // MINNOW_SERVER_HTTP_DOCUMENTS_H_
