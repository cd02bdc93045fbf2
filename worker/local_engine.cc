#include "worker/local_engine.h"

#include <cstdlib>
#include <string>

namespace minnow::worker {

absl::StatusOr<nn::Engine> LocalEngine() {
  const char* wanted = std::getenv("MINNOW_ISA");
  if (wanted == nullptr || *wanted == '\0') return nn::MakeEngine();
  absl::StatusOr<nn::Engine> engine = nn::MakeEngine(wanted);
  if (engine.ok()) return engine;
  return absl::Status(engine.status().code(), "MINNOW_ISA: " + std::string(engine.status().message()));
}

}  // namespace minnow::worker
