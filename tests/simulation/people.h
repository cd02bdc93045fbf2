// The people of a simulated world: they ask questions, change their minds, and repeat what was not answered.
#ifndef MINNOW_TESTS_SIMULATION_PEOPLE_H_
#define MINNOW_TESTS_SIMULATION_PEOPLE_H_

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "server/core/coordinator.h"

namespace minnow::simulation {

struct World;

class People {
 public:
  // Asks each of the questions (numbers in Questions()) at some time soon. `world` must outlive it.
  People(World* world, const std::vector<int>& questions);

  // Somebody may change their mind.
  void Moment();
  // From now on everybody wants all answers, and asks again where a job was paused, stopped or deleted.
  void Insist();
  // Every question has its answer, as far as the disk knows.
  bool Served() const;

  struct Asked {
    int question = 0;
    int priority = 1;
    std::optional<int64_t> job;  // as last told
  };
  const std::vector<Asked>& asked() const { return asked_; }
  // Which question is which job, and how far it is.
  std::string Text() const;

 private:
  // A request under way, or done.
  struct Request {
    std::string id;
    size_t asker = 0;
    std::optional<core::JobAction> action;  // none: submits
    int64_t job = 0;
    bool answered = false;
    bool given_up = false;
  };

  std::shared_ptr<Request> Make(size_t asker, std::optional<core::JobAction> action);
  void Submit(size_t asker) { Send(Make(asker, std::nullopt)); }
  void Do(size_t asker, core::JobAction action);
  void Send(const std::shared_ptr<Request>& request);
  void Arrive(const std::shared_ptr<Request>& request);
  void Answered(Request& request, const absl::Status& status, int64_t job, bool existed);
  void AskAgain(size_t asker);
  const JobRecord* RecordOf(const Asked& asked) const;
  // It was interrupted, and its answer shows it: it is deleted and asked anew.
  bool CutShort(const Asked& asked) const;

  World* const world_;
  std::vector<Asked> asked_;
  std::vector<std::shared_ptr<Request>> requests_;
  bool insist_ = false;
  bool deleted_any_ = false;
  int64_t drawn_ = 0;
};

}  // namespace minnow::simulation

#endif  // MINNOW_TESTS_SIMULATION_PEOPLE_H_
