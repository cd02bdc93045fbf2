#include "server/core/store.h"

namespace minnow::core {

bool Changes::empty() const {
  return datasets.empty() && jobs.empty() && preparations.empty() && entries.empty() && trials.empty() &&
         evidence.empty() && shapes.empty() && looks.empty() && leases.empty() && ended_leases.empty() &&
         reference_models_done.empty() && events.empty();
}

}  // namespace minnow::core
