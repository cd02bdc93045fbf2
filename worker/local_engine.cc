#include "worker/local_engine.h"

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

}  // namespace

absl::StatusOr<nn::Engine> LocalEngine() { return WantedEngine(); }

}  // namespace minnow::worker
