#include <SQLiteCpp/Database.h>

#include "server/storage/migrations.h"

namespace minnow::storage {
namespace {

// What the queries of this Minnow read that files before version 3 do not have, as views of the connection alone that
// stand before the tables of their names.
constexpr char kMissingBeforeVersion3[] = R"sql(
CREATE TEMP VIEW jobs AS
SELECT job, name, label, '' AS owner, priority, state, reason, threshold_metric, threshold_comparison, threshold_value,
       pass, search, epochs, data_file, target, task, rows_train, rows_validation, rows_test, inputs, outputs,
       json_set(question, '$.pass', 'any', '$.order_by', 'parameters', '$.early_stop', json('false'),
                '$.require_shown', json('false'), '$.characterise', json('false'), '$.splits', 1) AS question,
       question_sha256, data_sha256, test_sha256, budget_trials, budget_epochs, budget_seconds, numerics_version,
       created_time, finished_time, search_seconds, answer_trial, answer_hidden, answer_confirmed, wrong_at_most,
       NULL AS parent, 1 AS split_seed, 0 AS characterising, 0.0 AS characterise_seconds, NULL AS pass_rate_tries,
       NULL AS pass_rate_passes, NULL AS reliable_hidden, NULL AS reliable_init, NULL AS reliable_activation,
       NULL AS reliable_optimizer, NULL AS reliable_learning_rate, NULL AS reliable_batch_size,
       NULL AS reliable_weight_decay, NULL AS reliable_tries, NULL AS reliable_passes, '' AS reliable_reason
FROM main.jobs;

CREATE TEMP VIEW shapes AS
SELECT *, tries AS finished, 0 AS audited, 0 AS would_have_stopped, 0 AS audit_passes
FROM main.shapes;

CREATE TEMP VIEW trials AS
SELECT *, 0 AS audited, NULL AS would_stop_epoch, NULL AS standard_error
FROM main.trials;

CREATE TEMP VIEW scores AS
SELECT *, NULL AS best_score
FROM main.scores;
)sql";

constexpr char kMissingInVersion3[] = R"sql(
CREATE TEMP VIEW jobs AS
SELECT *, '' AS owner
FROM main.jobs;
)sql";

}  // namespace

void ShowAsMigrated(SQLite::Database& database, int64_t from) {
  if (from < 3) {
    database.exec(kMissingBeforeVersion3);
  } else if (from < 4) {
    database.exec(kMissingInVersion3);
  }
}

}  // namespace minnow::storage
