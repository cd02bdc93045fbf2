#include "server/storage/schema.h"

namespace minnow::storage {

// A median is over all trials that count. A trial without a score (it diverged before it had one) stands below every
// other: left out, it would make an unstable recipe look good. Where a middle trial has no score, neither has the
// median.
const char kViewsSql[] = R"sql(
CREATE VIEW answers AS
SELECT 'jobs/' || j.job AS job,
       j.name,
       j.state,
       j.threshold_metric || ' ' || j.threshold_comparison || ' ' || j.threshold_value AS threshold,
       j.answer_hidden AS hidden,
       t.parameters,
       t.multiply_adds,
       'jobs/' || j.job || '/trials/' || j.answer_trial AS trial,
       t.init,
       t.activation,
       t.optimizer,
       t.learning_rate,
       t.batch_size,
       t.weight_decay,
       t.seed,
       t.epoch,
       t.validation_score,
       coalesce(l.score, t.test_score) AS test_score,
       l.low AS test_low,
       l.high AS test_high,
       l.grade AS test_grade,
       j.answer_confirmed AS confirmed,
       j.wrong_at_most,
       t.weights_sha256,
       j.pass,
       j.pass_rate_tries,
       j.pass_rate_passes,
       j.reliable_hidden,
       'jobs/' || j.parent AS parent
FROM jobs AS j
LEFT JOIN trials AS t ON t.job = j.job AND t.trial = j.answer_trial
LEFT JOIN test_looks AS l ON l.job = j.job AND l.trial = j.answer_trial
ORDER BY j.job;

-- The last two subqueries of good_on_test differ in the comparison alone: written out, each is one step down
-- trials_good_on_test for each shape, smallest first, and stops at the first shape that has such a trial.
CREATE VIEW smallest_good_enough AS
WITH good_on_test AS MATERIALIZED (
  SELECT j.job, j.threshold_comparison, j.threshold_value,
         (SELECT l.trial
          FROM test_looks AS l
          WHERE l.job = j.job AND l.trial = j.answer_trial
            AND CASE j.threshold_comparison WHEN '>=' THEN l.score >= j.threshold_value
                                            ELSE l.score <= j.threshold_value END
          ORDER BY l.look LIMIT 1) AS looked_at,
         CASE j.threshold_comparison
           WHEN '>=' THEN
             (SELECT s.shape
              FROM shapes AS s
              WHERE s.job = j.job AND EXISTS (
                SELECT 1 FROM trials AS t INDEXED BY trials_good_on_test
                WHERE t.job = j.job AND t.shape = s.shape AND t.evidence = 1 AND t.state = 'PASSED'
                  AND t.test_score >= j.threshold_value)
              ORDER BY s.shape LIMIT 1)
           ELSE
             (SELECT s.shape
              FROM shapes AS s
              WHERE s.job = j.job AND EXISTS (
                SELECT 1 FROM trials AS t INDEXED BY trials_good_on_test
                WHERE t.job = j.job AND t.shape = s.shape AND t.evidence = 1 AND t.state = 'PASSED'
                  AND t.test_score <= j.threshold_value)
              ORDER BY s.shape LIMIT 1)
         END AS shape
  FROM jobs AS j
), first_trials AS MATERIALIZED (
  SELECT g.job,
         coalesce(
           g.looked_at,
           (SELECT min(t.trial)
            FROM trials AS t INDEXED BY trials_good_on_test
            WHERE t.job = g.job AND t.shape = g.shape AND t.evidence = 1 AND t.state = 'PASSED'
              AND t.test_score IS NOT NULL
              AND CASE g.threshold_comparison WHEN '>=' THEN t.test_score >= g.threshold_value
                                              ELSE t.test_score <= g.threshold_value END)) AS trial
  FROM good_on_test AS g
)
SELECT 'jobs/' || f.job AS job,
       'jobs/' || f.job || '/trials/' || f.trial AS trial,
       t.hidden,
       t.parameters,
       t.validation_score,
       coalesce(l.score, t.test_score) AS test_score
FROM first_trials AS f
JOIN trials AS t ON t.job = f.job AND t.trial = f.trial
LEFT JOIN test_looks AS l ON l.job = f.job AND l.trial = f.trial
ORDER BY f.job;

CREATE VIEW size_ladder AS
WITH ranked AS (
  SELECT t.job, t.shape, t.best_score,
         row_number() OVER (
           PARTITION BY t.job, t.shape
           ORDER BY CASE j.threshold_comparison WHEN '>=' THEN t.best_score ELSE -t.best_score END) AS rank,
         count(*) OVER (PARTITION BY t.job, t.shape) AS tries
  FROM trials AS t
  JOIN jobs AS j ON j.job = t.job
  WHERE t.evidence = 1
), medians AS (
  SELECT r.job, r.shape,
         CASE WHEN count(r.best_score) = count(*) THEN avg(r.best_score) END AS median_score
  FROM ranked AS r
  WHERE r.rank IN ((r.tries + 1) / 2, (r.tries + 2) / 2)
  GROUP BY r.job, r.shape
)
SELECT 'jobs/' || s.job AS job,
       s.hidden,
       s.parameters,
       s.multiply_adds,
       s.verdict,
       s.tries,
       s.passes,
       s.best_score,
       m.median_score,
       s.because,
       s.finished,
       s.audited
FROM shapes AS s
LEFT JOIN medians AS m ON m.job = s.job AND m.shape = s.shape
ORDER BY s.job, s.shape;

CREATE VIEW pareto_front AS
WITH keyed AS (
  SELECT s.job, s.shape, s.hidden, s.parameters, s.best_score,
         CASE j.threshold_comparison WHEN '>=' THEN s.best_score ELSE -s.best_score END AS merit
  FROM shapes AS s
  JOIN jobs AS j ON j.job = s.job
  WHERE s.best_score IS NOT NULL
), compared AS (
  SELECT k.job, k.shape, k.hidden, k.parameters, k.best_score, k.merit,
         max(k.merit) OVER (
           PARTITION BY k.job ORDER BY k.parameters
           RANGE BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS best_merit_of_smaller
  FROM keyed AS k
)
SELECT 'jobs/' || c.job AS job,
       c.hidden,
       c.parameters,
       c.best_score AS score
FROM compared AS c
WHERE c.best_merit_of_smaller IS NULL OR c.merit > c.best_merit_of_smaller
ORDER BY c.job, c.shape;

CREATE VIEW init_effect AS
WITH ranked AS (
  SELECT t.job, t.shape, t.hidden, t.init, t.state, t.best_score,
         row_number() OVER (
           PARTITION BY t.job, t.shape, t.init
           ORDER BY CASE j.threshold_comparison WHEN '>=' THEN t.best_score ELSE -t.best_score END) AS rank,
         count(*) OVER (PARTITION BY t.job, t.shape, t.init) AS tries
  FROM trials AS t
  JOIN jobs AS j ON j.job = t.job
  WHERE t.evidence = 1
)
SELECT 'jobs/' || r.job AS job,
       r.hidden,
       r.init,
       count(*) AS tries,
       count(*) FILTER (WHERE r.state = 'PASSED') AS passes,
       CASE WHEN count(*) FILTER (WHERE r.best_score IS NULL AND r.rank IN ((r.tries + 1) / 2, (r.tries + 2) / 2)) = 0
            THEN avg(r.best_score) FILTER (WHERE r.rank IN ((r.tries + 1) / 2, (r.tries + 2) / 2))
       END AS median_score
FROM ranked AS r
GROUP BY r.job, r.shape, r.init
ORDER BY r.job, r.shape, r.init;

CREATE VIEW seed_spread AS
WITH ranked AS (
  SELECT t.job, t.shape, t.hidden, t.state, t.best_score,
         t.init, t.activation, t.optimizer, t.learning_rate, t.batch_size, t.weight_decay,
         row_number() OVER (
           PARTITION BY t.job, t.shape, t.init, t.activation, t.optimizer, t.learning_rate, t.batch_size,
                        t.weight_decay
           ORDER BY CASE j.threshold_comparison WHEN '>=' THEN t.best_score ELSE -t.best_score END) AS rank,
         count(*) OVER (
           PARTITION BY t.job, t.shape, t.init, t.activation, t.optimizer, t.learning_rate, t.batch_size,
                        t.weight_decay) AS tries
  FROM trials AS t
  JOIN jobs AS j ON j.job = t.job
  WHERE t.evidence = 1
)
SELECT 'jobs/' || r.job AS job,
       r.hidden,
       -- Without format(), which queries may not use. 1.0e-06 becomes 1e-06, and 0.0 becomes 0.
       trim(replace(replace(r.init || ' ' || r.activation || ' ' || r.optimizer || ' lr ' || r.learning_rate || ' batch '
                              || r.batch_size || ' decay ' || r.weight_decay || ' ', '.0 ', ' '), '.0e', 'e')) AS recipe,
       count(*) AS tries,
       count(*) FILTER (WHERE r.state = 'PASSED') AS passes,
       min(r.best_score) AS lowest,
       CASE WHEN count(*) FILTER (WHERE r.best_score IS NULL AND r.rank IN ((r.tries + 1) / 2, (r.tries + 2) / 2)) = 0
            THEN avg(r.best_score) FILTER (WHERE r.rank IN ((r.tries + 1) / 2, (r.tries + 2) / 2))
       END AS median,
       max(r.best_score) AS highest
FROM ranked AS r
GROUP BY r.job, r.shape, r.init, r.activation, r.optimizer, r.learning_rate, r.batch_size, r.weight_decay
ORDER BY r.job, r.shape, r.init, r.activation, r.optimizer, r.learning_rate, r.batch_size, r.weight_decay;

CREATE VIEW symmetry AS
SELECT 'jobs/' || t.job AS job,
       'jobs/' || t.job || '/trials/' || t.trial AS trial,
       t.hidden,
       t.init,
       t.hidden_units,
       t.distinct_hidden_units,
       t.dead_hidden_units
FROM trials AS t
WHERE t.evidence = 1
ORDER BY t.job, t.trial;
)sql";

}  // namespace minnow::storage
