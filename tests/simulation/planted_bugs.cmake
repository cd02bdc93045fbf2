# Bugs that the simulation must catch. Each is a copy of one source with one passage replaced, made at build time and
# linked before the library that has the right one. A passage that is not found any more stops the configuration.

# planted_bug(NAME WORDS SOURCE PASSAGE REPLACEMENT)
function(planted_bug name words source passage replacement)
  file(READ ${PROJECT_SOURCE_DIR}/${source} right)
  string(FIND "${right}" "${passage}" first)
  string(FIND "${right}" "${passage}" last REVERSE)
  if(first EQUAL -1 OR NOT first EQUAL last)
    message(FATAL_ERROR "planted bug ${name}: its passage is not once in ${source} any more; bring ${CMAKE_CURRENT_LIST_FILE} up to date")
  endif()
  string(REPLACE "${passage}" "${replacement}" wrong "${right}")
  file(CONFIGURE OUTPUT ${name}.cc CONTENT "${wrong}" @ONLY)
  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/${source})
  add_executable(planted_${name} planted_bug_test.cc ${CMAKE_CURRENT_BINARY_DIR}/${name}.cc)
  target_compile_definitions(planted_${name} PRIVATE MINNOW_PLANTED_BUG="${words}")
  target_link_libraries(planted_${name} PRIVATE minnow_simulated_world GTest::gtest_main)
  set_target_properties(planted_${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/tests)
  add_test(NAME PlantedBug.${name} COMMAND planted_${name})
  set_tests_properties(PlantedBug.${name} PROPERTIES TIMEOUT 600 LABELS planted_bugs_test)
endfunction()

planted_bug(acknowledge_early "the ledger answers before COMMIT" server/ledger/ledger.cc
[[    const absl::Status committed = CommitAndFoldOut(now);
    for (const Answer& answer : answers) answer(committed);]]
[[    for (const Answer& answer : answers) answer(absl::OkStatus());
    const absl::Status committed = CommitAndFoldOut(now);]])

planted_bug(keep_after_failed_commit "the ledger goes on with what a failed commit did not store" server/ledger/ledger.cc
[[    for (const Answer& answer : answers) answer(committed);
    if (!committed.ok()) Rebuild();]]
[[    for (const Answer& answer : answers) answer(committed);
    committed_ = absl::OkStatus();]])

planted_bug(count_twice "a result that comes twice is stored and counted twice" server/core/job_reports.cc
[[  if (list_.IsReported(piece)) {
    CompareTrials]]
[[  if (now == absl::InfiniteFuture()) {
    CompareTrials]])

planted_bug(stale_failure "the failure of a lease that has ended counts" server/core/coordinator_work.cc
[[  if (lease.state == LeaseState::kLive) TakeFailure(]]
[[  TakeFailure(]])

planted_bug(foreign_report "a report is taken from whoever sends it" server/core/coordinator_work.cc
[[  if (known->record.worker != worker) {]]
[[  if (worker.empty()) {]])

planted_bug(forget_leases "leases are forgotten at a restart" server/core/coordinator.cc
[[  for (LeaseRecord& lease : snapshot.leases) {]]
[[  for (LeaseRecord& lease : std::vector<LeaseRecord>()) {]])

planted_bug(forget_requests "request ids are forgotten at a restart" server/core/coordinator.cc
[[requests_(std::move(snapshot.requests))]]
[[requests_({})]])

planted_bug(keep_after_takeover "the leases of a session that was taken over go on" server/core/coordinator_work.cc
[[  if (*takes_over) {]]
[[  if (*takes_over && worker.threads < 0) {]])

planted_bug(lease_for_ever "after a leap of the clock leases do not end" server/core/lease_table.cc
[[std::vector<int64_t> LeaseTable::Expired(absl::Time now) const { return]]
[[std::vector<int64_t> LeaseTable::Expired(absl::Time now) const {
  if (EarliestDeadline() < now - absl::Minutes(1)) return {};
  return]])

planted_bug(lose_work "work that comes back is given to nobody" server/core/coordinator.cc
[[  if (leases_.HoldersOf(job.record().id, piece).empty()) job.GiveBack(piece);]]
[[  if (leases_.HoldersOf(job.record().id, piece).size() > 1) job.GiveBack(piece);]])

planted_bug(beyond_budget "what is issued and not folded yet does not count in a budget" server/core/job_steps.cc
[[*course.most_trials - course.planning.trials() - outstanding);]]
[[*course.most_trials - course.planning.trials());]])

planted_bug(fold_early "a bundle is folded with the results that have arrived" server/search/evidence.cc
[[      if (!reported[i]) return std::nullopt;
      if (counting_]]
[[      if (!reported[i]) return i > 0 ? std::optional<int>(i) : std::nullopt;
      if (counting_]])

planted_bug(plan_ahead "a plan sees one bundle more than its prefix" server/core/job_steps.cc
[[course.searcher->Plan(View(course, course.planning, course.planned))]]
[[[&] {
    search::Evidence seen = course.planning;
    int begin = course.planned;
    if (begin < list_.size() && !list_.bundle(begin).hole() && list_.state(begin) == EntryState::kIssued) {
      const std::optional<int> counted = seen.CompleteOutcome(list_.bundle(begin), list_.reported(begin));
      if (counted) {
        seen.Fold(list_.bundle(begin), list_.reported(begin).first(*counted));
        ++begin;
      }
    }
    return course.searcher->Plan(View(course, seen, begin));
  }()]])

planted_bug(starve "the job of the highest priority gets everything, since it is charged nothing" server/core/fair_share.cc
[[  owners_.at(entrant->second.owner).jobs.Charge(job, epochs);]]
[[  Owner& its = owners_.at(entrant->second.owner);
  if (entrant->second.priority < *its.priorities.rbegin()) its.jobs.Charge(job, epochs);]])

planted_bug(any_version "workers of every numerics version are taken on" server/core/roster.cc
[[  if (worker.numerics_version != kNumericsVersion) {]]
[[  if (worker.numerics_version < 0) {]])
