#include "web/trial_tables.h"

#include <spdlog/fmt/fmt.h>

namespace minnow::web {
namespace {

// Larger is better.
std::string Goodness(Metric metric) { return HigherIsBetter(metric) ? "t.best_score" : "-t.best_score"; }

// More of the condition on `trials`. Numbers times the golden ratio, modulo 1, lie evenly (Knuth, volume 3, 6.4).
std::string Only(const TrialsOf& trials) {
  std::string sql = trials.shapes.empty() ? "" : fmt::format(" AND t.shape IN ({})", trials.shapes);
  constexpr int64_t kRange = int64_t{1} << 32;
  if (trials.one_in > 1) sql += fmt::format(" AND t.trial * 2654435769 % {} < {}", kRange, kRange / trials.one_in);
  return sql;
}

}  // namespace

std::string SpreadSql(const TrialsOf& trials, const std::string& keys) {
  return fmt::format(R"sql(
WITH ranked AS (
  SELECT {0}, t.state, t.best_score,
         row_number() OVER (PARTITION BY {0} ORDER BY {1}) AS rank,
         count(*) OVER (PARTITION BY {0}) AS tries
  FROM trials AS t
  WHERE t.job = {2} AND t.evidence = 1{3}
)
SELECT {0},
       count(*),
       count(*) FILTER (WHERE t.state = 'PASSED'),
       count(*) FILTER (WHERE t.best_score IS NULL),
       max(t.best_score) FILTER (WHERE t.rank = 1),
       max(t.best_score) FILTER (WHERE t.rank = (t.tries + 3) / 4),
       CASE WHEN count(*) FILTER (WHERE t.best_score IS NULL AND t.rank IN ((t.tries + 1) / 2, (t.tries + 2) / 2)) = 0
            THEN avg(t.best_score) FILTER (WHERE t.rank IN ((t.tries + 1) / 2, (t.tries + 2) / 2))
       END,
       max(t.best_score) FILTER (WHERE t.rank = (3 * t.tries + 3) / 4),
       max(t.best_score) FILTER (WHERE t.rank = t.tries)
FROM ranked AS t
GROUP BY {0}
ORDER BY {0})sql",
                     keys, Goodness(trials.metric), trials.job, Only(trials));
}

std::string SampleSql(const TrialsOf& trials, int per_shape) {
  return fmt::format(R"sql(
WITH ranked AS (
  SELECT t.shape, t.trial, t.state, t.init, t.learning_rate, t.seed, t.best_score,
         row_number() OVER (PARTITION BY t.shape ORDER BY {0} DESC, t.trial) AS rank,
         count(*) OVER (PARTITION BY t.shape) AS tries
  FROM trials AS t
  WHERE t.job = {1} AND t.evidence = 1{3}
)
SELECT r.shape, r.trial, r.state, r.init, r.learning_rate, r.seed, r.best_score, r.rank, r.tries
FROM ranked AS r
WHERE r.tries <= {2} OR r.rank = 1 OR r.rank = (r.tries + 1) / 2 OR r.rank = r.tries
      OR (r.rank * {2}) / r.tries <> ((r.rank - 1) * {2}) / r.tries
ORDER BY r.shape, r.rank)sql",
                     Goodness(trials.metric), trials.job, per_shape, Only(trials));
}

}  // namespace minnow::web
