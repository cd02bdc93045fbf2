#include "worker/local_engine.h"

#include <time.h>

#include <cstdlib>
#include <string>

namespace minnow::worker {
namespace {

constexpr char kVariable[] = "MINNOW_ISA";

absl::StatusOr<nn::Engine> WantedEngine() {
  const char* wanted = std::getenv(kVariable);
  if (wanted == nullptr || *wanted == '\0') return nn::MakeEngine();
  absl::StatusOr<nn::Engine> engine = nn::MakeEngine(wanted);
  if (engine.ok()) return engine;
  return absl::Status(engine.status().code(), std::string(kVariable) + ": " + std::string(engine.status().message()));
}

// How long this thread has computed: what else runs on the machine is not in it.
double ThreadSeconds() {
  timespec time;
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) + 1e-9 * static_cast<double>(time.tv_nsec);
}

}  // namespace

absl::StatusOr<nn::Engine> LocalEngine() {
  absl::StatusOr<nn::Engine> engine = WantedEngine();
  if (engine.ok()) engine->costs = nn::RouteCosts::Measure(*engine->instructions, ThreadSeconds);
  return engine;
}

}  // namespace minnow::worker
