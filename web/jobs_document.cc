#include <spdlog/fmt/fmt.h>

#include "common/resource_names.h"
#include "common/text.h"
#include "web/documents.h"
#include "web/table_reader.h"

namespace minnow::web {
namespace {

// Trials are counted only of jobs that move: the counts of the others stand in `shapes` already.
std::string JobsSql() {
  return fmt::format(R"sql(
WITH newest AS (
  SELECT j.*, (SELECT a.shape FROM shapes AS a WHERE a.job = j.job AND a.hidden = j.answer_hidden) AS answer_shape,
         (SELECT a.parameters FROM shapes AS a WHERE a.job = j.job AND a.hidden = j.answer_hidden) AS answer_parameters
  FROM jobs AS j
  ORDER BY j.job DESC
  LIMIT {}
)
SELECT j.job, j.name, j.label, j.owner, j.state, j.reason, j.data_file, j.target, j.search, j.threshold_metric,
       j.threshold_value, j.parent, j.characterising, j.answer_hidden, j.answer_parameters, j.answer_confirmed,
       j.created_time, j.finished_time, j.search_seconds + j.characterise_seconds,
       count(s.shape),
       count(*) FILTER (WHERE s.verdict = 'UNDECIDED' AND (j.answer_shape IS NULL OR s.shape < j.answer_shape)),
       coalesce(sum(s.tries), 0),
       coalesce(sum(s.epochs), 0),
       CASE WHEN j.state = 'RUNNING' OR j.characterising THEN (SELECT count(*) FROM trials AS t WHERE t.job = j.job) END
FROM newest AS j
LEFT JOIN shapes AS s ON s.job = j.job
GROUP BY j.job
ORDER BY j.job DESC)sql",
                     kMaxJobs);
}

const std::vector<std::string> kKeys = {"job",         "name",         "label",          "owner",          "state",
                                        "reason",      "data",         "target",         "search",         "metric",
                                        "threshold",   "split_of",     "characterising", "hidden",         "parameters",
                                        "confirmed",   "created_time", "finished_time",  "seconds",        "shapes",
                                        "open_shapes", "trials",       "epochs",         "trials_reported"};

Json NameOrNull(const Json& number) { return number.is_null() ? Json(nullptr) : Json(JobName(number.get<int64_t>())); }

Json FlagOrNull(const Json& number) { return number.is_null() ? Json(nullptr) : Json(number != 0); }

}  // namespace

absl::StatusOr<Json> JobsDocument(Results& results, const Reading& reading) {
  TableReader reader(results, reading);
  const absl::StatusOr<std::vector<Row>> rows = reader.Read(JobsSql(), kMaxJobs);
  if (!rows.ok()) return rows.status();
  const absl::StatusOr<std::vector<Row>> total = reader.Read("SELECT count(*) FROM jobs", 1);
  if (!total.ok()) return total.status();
  Json document;
  document["jobs"] = RowsJson(*rows, kKeys);
  for (Json& job : document["jobs"]) {
    const Metric metric = ParseMetric(job["metric"].get<std::string>()).value_or(Metric::kAccuracy);
    const Json& threshold = job["threshold"];
    job["goal"] = GoalText(metric, threshold.is_null() ? std::nullopt : std::optional(threshold.get<double>()));
    for (const char* name : {"job", "split_of"}) job[name] = NameOrNull(job[name]);
    for (const char* flag : {"confirmed", "characterising"}) job[flag] = FlagOrNull(job[flag]);
  }
  document["total"] = ValueJson((*total)[0][0]);
  return document;
}

}  // namespace minnow::web
