#include "server/core/store.h"

namespace minnow::core {

bool Changes::empty() const {
  return rewound.empty() && forgotten.empty() && datasets.empty() && dropped_datasets.empty() && jobs.empty() &&
         preparations.empty() && entries.empty() && trials.empty() && evidence.empty() && shapes.empty() &&
         looks.empty() && leases.empty() && deleted_leases.empty() && workers.empty() && requests.empty() &&
         deleted_requests.empty() && reference_models_done.empty() && events.empty() && deleted_jobs.empty();
}

}  // namespace minnow::core
