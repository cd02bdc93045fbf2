// Everything that a snapshot holds as text: equal snapshots have equal texts, and a difference is easy to see.
#ifndef MINNOW_TESTS_SERVER_STORAGE_SNAPSHOT_TEXT_H_
#define MINNOW_TESTS_SERVER_STORAGE_SNAPSHOT_TEXT_H_

#include <string>

#include "server/core/store.h"

namespace minnow::storage {

std::string TextOf(const JobRecord& job);
std::string TextOf(const core::Entry& entry);
std::string TextOf(const search::TrialOutcome& outcome);
std::string TextOf(const core::LeaseRecord& lease);
std::string TextOf(const core::WorkerRecord& worker);
std::string TextOf(const core::RequestRecord& request);
std::string TextOf(const core::JobSnapshot& job);
std::string TextOf(const core::Snapshot& snapshot);

}  // namespace minnow::storage

#endif  // MINNOW_TESTS_SERVER_STORAGE_SNAPSHOT_TEXT_H_
