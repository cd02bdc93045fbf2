#include "server/storage/migrations.h"

#include <SQLiteCpp/Database.h>
#include <SQLiteCpp/Exception.h>
#include <SQLiteCpp/Statement.h>
#include <SQLiteCpp/Transaction.h>

#include <array>
#include <string>
#include <vector>

#include "server/storage/schema.h"

namespace minnow::storage {
namespace {

// Workers register, leases may have ended while their result is still welcome, and requests of clients are remembered.
// Tables are made anew, so that a migrated file has the same schema as a new one; the sequence of `leases` goes on
// where it was, since its numbers are never given twice.
constexpr char kToVersion2[] = R"sql(
ALTER TABLE workers RENAME TO old_workers;
CREATE TABLE workers (
  worker          TEXT    NOT NULL PRIMARY KEY,
  session         TEXT    NOT NULL,                    -- drawn at each of its starts; empty: it never registered
  threads         INTEGER NOT NULL CHECK (threads >= 1),
  processor       TEXT    NOT NULL,
  registered_time TEXT    NOT NULL,
  trials          INTEGER NOT NULL CHECK (trials >= 0),
  epochs          INTEGER NOT NULL CHECK (epochs >= 0),
  train_seconds   REAL    NOT NULL,
  first_time      TEXT    NOT NULL,
  last_time       TEXT    NOT NULL
) STRICT, WITHOUT ROWID;
INSERT INTO workers (worker, session, threads, processor, registered_time, trials, epochs, train_seconds, first_time,
                     last_time)
SELECT worker, '', 1, '', first_time, trials, epochs, train_seconds, first_time, last_time
FROM old_workers
ORDER BY worker;
DROP TABLE old_workers;

ALTER TABLE leases RENAME TO old_leases;
CREATE TABLE leases (
  -- AUTOINCREMENT: a late report must never meet another lease under its number.
  lease         INTEGER PRIMARY KEY AUTOINCREMENT,
  job           INTEGER NOT NULL REFERENCES jobs (job),
  place         INTEGER NOT NULL CHECK (place >= -1),  -- of the bundle; -1: a prediction, which has none yet
  slice         INTEGER NOT NULL CHECK (slice >= 0),
  attempt       INTEGER NOT NULL CHECK (attempt >= 1),
  worker        TEXT    NOT NULL,
  deadline_time TEXT    NOT NULL,
  ended         INTEGER NOT NULL CHECK (ended IN (0, 1))
) STRICT;
INSERT INTO leases (lease, job, place, slice, attempt, worker, deadline_time, ended)
SELECT lease, job, place, slice, attempt, worker, deadline_time, 0
FROM old_leases
ORDER BY lease;
DELETE FROM sqlite_sequence WHERE name = 'leases';
UPDATE sqlite_sequence SET name = 'leases' WHERE name = 'old_leases';
DROP TABLE old_leases;

CREATE TABLE requests (
  request      TEXT    NOT NULL PRIMARY KEY,
  action       TEXT    NOT NULL CHECK (action IN ('submit', 'pause', 'resume', 'cancel', 'delete')),
  job          INTEGER NOT NULL,  -- not a foreign key: the request that deleted a job outlives it
  existed      INTEGER NOT NULL CHECK (existed IN (0, 1)),
  request_time TEXT    NOT NULL
) STRICT;
)sql";

// Policies, early stop with its audits, and what is added to an answer. Every question asked before is the plain
// search.
constexpr char kToVersion3[] = R"sql(
ALTER TABLE jobs RENAME TO old_jobs;
CREATE TABLE jobs (
  -- AUTOINCREMENT: a number is never given twice, even when the last job was deleted.
  job                    INTEGER PRIMARY KEY AUTOINCREMENT CHECK (job >= 1),
  name                   TEXT    NOT NULL,
  label                  TEXT    NOT NULL,
  priority               INTEGER NOT NULL,
  state                  TEXT    NOT NULL CHECK (state IN ('QUEUED', 'RUNNING', 'PAUSED', 'ANSWERED', 'EXHAUSTED',
                                                           'BUDGET_SPENT', 'CANCELLED', 'FAILED')),
  reason                 TEXT    NOT NULL,
  threshold_metric       TEXT    NOT NULL CHECK (threshold_metric IN ('accuracy', 'balanced_accuracy', 'f1_macro',
                                                                      'auc', 'log_loss', 'r2', 'rmse', 'mae')),
  threshold_comparison   TEXT    NOT NULL CHECK (threshold_comparison IN ('>=', '<=')),
  threshold_value        REAL,
  pass                   TEXT    NOT NULL CHECK (pass IN ('any', 'reliable')),
  search                 TEXT    NOT NULL CHECK (search IN ('ladder', 'grid', 'random')),
  epochs                 INTEGER NOT NULL CHECK (epochs >= 1),
  data_file              TEXT    NOT NULL,
  target                 TEXT    NOT NULL,
  task                   TEXT    NOT NULL CHECK (task IN ('classification', 'regression')),
  rows_train             INTEGER NOT NULL CHECK (rows_train >= 0),
  rows_validation        INTEGER NOT NULL CHECK (rows_validation >= 0),
  rows_test              INTEGER NOT NULL CHECK (rows_test >= 0),
  inputs                 INTEGER NOT NULL CHECK (inputs >= 0),
  outputs                INTEGER NOT NULL CHECK (outputs >= 1),
  question               TEXT    NOT NULL CHECK (json_valid(question)),
  question_sha256        TEXT    NOT NULL,
  data_sha256            TEXT    NOT NULL REFERENCES datasets (sha256),
  test_sha256            TEXT    NOT NULL REFERENCES datasets (sha256),
  budget_trials          INTEGER,
  budget_epochs          INTEGER,
  budget_seconds         REAL,
  numerics_version       INTEGER NOT NULL,
  created_time           TEXT    NOT NULL,
  finished_time          TEXT,
  search_seconds         REAL    NOT NULL,
  -- The answer, or the best network so far. Not a foreign key: the job's row may be written before the trial's.
  answer_trial           INTEGER,
  answer_hidden          TEXT,
  answer_confirmed       INTEGER CHECK (answer_confirmed IN (0, 1)),
  wrong_at_most          REAL    CHECK (wrong_at_most BETWEEN 0 AND 1),
  -- The job of which this is another split of the rows; both may be written in one go, in any order.
  parent                 INTEGER REFERENCES jobs (job) DEFERRABLE INITIALLY DEFERRED,
  split_seed             INTEGER NOT NULL,  -- 64 bits without a sign, stored as if they had one
  characterising         INTEGER NOT NULL CHECK (characterising IN (0, 1)),
  characterise_seconds   REAL    NOT NULL,
  pass_rate_tries        INTEGER CHECK (pass_rate_tries >= 0),
  pass_rate_passes       INTEGER CHECK (pass_rate_passes BETWEEN 0 AND pass_rate_tries),
  reliable_hidden        TEXT,
  reliable_init          TEXT,
  reliable_activation    TEXT,
  reliable_optimizer     TEXT,
  reliable_learning_rate REAL,
  reliable_batch_size    INTEGER,
  reliable_weight_decay  REAL,
  reliable_tries         INTEGER CHECK (reliable_tries >= 0),
  reliable_passes        INTEGER CHECK (reliable_passes BETWEEN 0 AND reliable_tries),
  reliable_reason        TEXT    NOT NULL,
  CHECK ((answer_trial IS NULL) = (answer_hidden IS NULL)),
  CHECK ((pass_rate_tries IS NULL) = (pass_rate_passes IS NULL)),
  CHECK (reliable_hidden IS NULL
         OR (reliable_init IS NOT NULL AND reliable_activation IS NOT NULL AND reliable_optimizer IS NOT NULL
             AND reliable_learning_rate IS NOT NULL AND reliable_batch_size IS NOT NULL
             AND reliable_weight_decay IS NOT NULL AND reliable_tries IS NOT NULL AND reliable_passes IS NOT NULL))
) STRICT;
INSERT INTO jobs (job, name, label, priority, state, reason, threshold_metric, threshold_comparison, threshold_value,
                  pass, search, epochs, data_file, target, task, rows_train, rows_validation, rows_test, inputs,
                  outputs, question, question_sha256, data_sha256, test_sha256, budget_trials, budget_epochs,
                  budget_seconds, numerics_version, created_time, finished_time, search_seconds, answer_trial,
                  answer_hidden, answer_confirmed, wrong_at_most, split_seed, characterising, characterise_seconds,
                  reliable_reason)
SELECT job, name, label, priority, state, reason, threshold_metric, threshold_comparison, threshold_value, pass,
       search, epochs, data_file, target, task, rows_train, rows_validation, rows_test, inputs, outputs,
       json_set(question, '$.pass', 'any', '$.order_by', 'parameters', '$.early_stop', json('false'),
                '$.require_shown', json('false'), '$.characterise', json('false'), '$.splits', 1),
       question_sha256, data_sha256, test_sha256, budget_trials, budget_epochs, budget_seconds, numerics_version,
       created_time, finished_time, search_seconds, answer_trial, answer_hidden, answer_confirmed, wrong_at_most, 1, 0,
       0, ''
FROM old_jobs
ORDER BY job;
DELETE FROM sqlite_sequence WHERE name = 'jobs';
UPDATE sqlite_sequence SET name = 'jobs' WHERE name = 'old_jobs';
DROP TABLE old_jobs;
CREATE INDEX jobs_by_parent ON jobs (parent) WHERE parent IS NOT NULL;

ALTER TABLE shapes RENAME TO old_shapes;
CREATE TABLE shapes (
  job                INTEGER NOT NULL REFERENCES jobs (job),
  -- Number in the space: a smaller number is never a larger shape.
  shape              INTEGER NOT NULL CHECK (shape >= 0),
  hidden             TEXT    NOT NULL,
  parameters         INTEGER NOT NULL CHECK (parameters >= 0),
  multiply_adds      INTEGER NOT NULL CHECK (multiply_adds >= 0),
  verdict            TEXT    NOT NULL CHECK (verdict IN ('UNDECIDED', 'GOOD_ENOUGH', 'NOT_GOOD_ENOUGH')),
  because            TEXT    NOT NULL,
  inherits_from      INTEGER,  -- the shape whose rejection this one shares
  tries              INTEGER NOT NULL CHECK (tries >= 0),
  passes             INTEGER NOT NULL CHECK (passes BETWEEN 0 AND tries),
  finished           INTEGER NOT NULL CHECK (finished BETWEEN 0 AND tries),  -- the other tries were stopped early
  audited            INTEGER NOT NULL CHECK (audited BETWEEN 0 AND tries),
  would_have_stopped INTEGER NOT NULL CHECK (would_have_stopped BETWEEN 0 AND audited),
  audit_passes       INTEGER NOT NULL CHECK (audit_passes BETWEEN 0 AND would_have_stopped),
  epochs             INTEGER NOT NULL CHECK (epochs >= 0),
  best_score         REAL,
  first_pass         INTEGER,
  inheritable        INTEGER NOT NULL CHECK (inheritable >= 0),
  PRIMARY KEY (job, shape)
) STRICT, WITHOUT ROWID;
INSERT INTO shapes (job, shape, hidden, parameters, multiply_adds, verdict, because, inherits_from, tries, passes,
                    epochs, best_score, first_pass, inheritable, finished, audited, would_have_stopped, audit_passes)
SELECT job, shape, hidden, parameters, multiply_adds, verdict, because, inherits_from, tries, passes, epochs,
       best_score, first_pass, inheritable, tries, 0, 0, 0
FROM old_shapes
ORDER BY job, shape;
DROP TABLE old_shapes;

ALTER TABLE bundles RENAME TO old_bundles;
CREATE TABLE bundles (
  job             INTEGER NOT NULL REFERENCES jobs (job),
  place           INTEGER NOT NULL CHECK (place >= 0),
  kind            TEXT    NOT NULL CHECK (kind IN ('bundle', 'hole', 'threshold', 'look', 'answer', 'phase_end')),
  state           TEXT    NOT NULL CHECK (state IN ('ISSUED', 'FOLDED', 'SKIPPED', 'CUT')),
  phase           TEXT    CHECK (phase IN ('reference', 'search', 'pass_rate', 'reliable')),
  shape           INTEGER,
  recipes         TEXT    CHECK (recipes IS NULL OR json_valid(recipes)),
  trials          INTEGER CHECK (trials >= 0),
  first_seed      INTEGER,
  first_trial     INTEGER,
  stop_bounds     TEXT    CHECK (stop_bounds IS NULL OR json_valid(stop_bounds)),  -- NULL: nothing is stopped
  guarded         TEXT    CHECK (guarded IS NULL OR json_valid(guarded)),
  evidence_trials INTEGER NOT NULL CHECK (evidence_trials >= 0),
  trial           INTEGER,                              -- of a marker: the trial that it is about
  value           REAL,
  median          REAL,
  standard_error  REAL,
  score           REAL,
  low             REAL,
  high            REAL,
  level           REAL,
  confirmed       INTEGER CHECK (confirmed IN (0, 1)),
  PRIMARY KEY (job, place),
  CHECK (kind NOT IN ('bundle', 'hole')
         OR (phase IS NOT NULL AND shape IS NOT NULL AND recipes IS NOT NULL AND trials IS NOT NULL
             AND first_seed IS NOT NULL AND first_trial IS NOT NULL)),
  CHECK (kind <> 'phase_end' OR phase IS NOT NULL),
  CHECK (kind <> 'threshold' OR trial IS NOT NULL),
  CHECK (kind <> 'look' OR (shape IS NOT NULL AND trial IS NOT NULL AND confirmed IS NOT NULL))
) STRICT, WITHOUT ROWID;
INSERT INTO bundles (job, place, kind, state, phase, shape, recipes, trials, first_seed, first_trial, evidence_trials,
                     trial, value, median, standard_error, score, low, high, level, confirmed)
SELECT job, place, kind, state, phase, shape, recipes, trials, first_seed, first_trial, evidence_trials, trial, value,
       median, standard_error, score, low, high, level, confirmed
FROM old_bundles
ORDER BY job, place;
DROP TABLE old_bundles;

ALTER TABLE trials RENAME TO old_trials;
CREATE TABLE trials (
  job                   INTEGER NOT NULL REFERENCES jobs (job),
  trial                 INTEGER NOT NULL CHECK (trial >= 1),
  place                 INTEGER NOT NULL,  -- of its bundle
  phase                 TEXT    NOT NULL CHECK (phase IN ('reference', 'search', 'pass_rate', 'reliable')),
  shape                 INTEGER NOT NULL,
  hidden                TEXT    NOT NULL,
  parameters            INTEGER NOT NULL CHECK (parameters >= 0),
  multiply_adds         INTEGER NOT NULL CHECK (multiply_adds >= 0),
  init                  TEXT    NOT NULL CHECK (init IN ('zeros', 'constant', 'normal', 'uniform', 'xavier', 'he',
                                                         'lecun', 'orthogonal')),
  activation            TEXT    NOT NULL CHECK (activation IN ('relu', 'tanh', 'sigmoid', 'leaky_relu')),
  optimizer             TEXT    NOT NULL CHECK (optimizer IN ('sgd', 'adam')),
  learning_rate         REAL    NOT NULL,
  batch_size            INTEGER NOT NULL CHECK (batch_size >= 1),
  weight_decay          REAL    NOT NULL,
  seed                  INTEGER NOT NULL,
  audited               INTEGER NOT NULL CHECK (audited IN (0, 1)),
  state                 TEXT    NOT NULL CHECK (state IN ('PASSED', 'MISSED', 'STOPPED_EARLY', 'DIVERGED', 'FAILED',
                                                          'CANCELLED')),
  epochs                INTEGER NOT NULL CHECK (epochs >= 0),
  epoch                 INTEGER NOT NULL CHECK (epoch BETWEEN 0 AND epochs),
  pass_epoch            INTEGER CHECK (pass_epoch BETWEEN 1 AND epochs),
  would_stop_epoch      INTEGER CHECK (would_stop_epoch BETWEEN 1 AND epochs),
  validation_score      REAL,
  standard_error        REAL,
  best_score            REAL,
  test_score            REAL,
  weights_sha256        TEXT    NOT NULL,
  hidden_units          INTEGER NOT NULL CHECK (hidden_units >= 0),
  distinct_hidden_units INTEGER NOT NULL CHECK (distinct_hidden_units BETWEEN 0 AND hidden_units),
  dead_hidden_units     INTEGER NOT NULL CHECK (dead_hidden_units BETWEEN 0 AND hidden_units),
  evidence              INTEGER NOT NULL CHECK (evidence IN (0, 1)),
  train_seconds         REAL    NOT NULL,
  finished_time         TEXT    NOT NULL,
  worker                TEXT    NOT NULL,
  attempt               INTEGER NOT NULL CHECK (attempt >= 1),
  PRIMARY KEY (job, trial),
  FOREIGN KEY (job, place) REFERENCES bundles (job, place),
  CHECK (evidence = 0 OR phase = 'search')
) STRICT, WITHOUT ROWID;
INSERT INTO trials (job, trial, place, phase, shape, hidden, parameters, multiply_adds, init, activation, optimizer,
                    learning_rate, batch_size, weight_decay, seed, state, epochs, epoch, pass_epoch, validation_score,
                    best_score, test_score, weights_sha256, hidden_units, distinct_hidden_units, dead_hidden_units,
                    evidence, train_seconds, finished_time, worker, attempt, audited)
SELECT job, trial, place, phase, shape, hidden, parameters, multiply_adds, init, activation, optimizer, learning_rate,
       batch_size, weight_decay, seed, state, epochs, epoch, pass_epoch, validation_score, best_score, test_score,
       weights_sha256, hidden_units, distinct_hidden_units, dead_hidden_units, evidence, train_seconds, finished_time,
       worker, attempt, 0
FROM old_trials
ORDER BY job, trial;
DROP TABLE old_trials;
CREATE INDEX trials_good_on_test ON trials (job, shape, test_score)
  WHERE evidence = 1 AND state = 'PASSED' AND test_score IS NOT NULL;

ALTER TABLE scores ADD COLUMN best_score REAL;
)sql";

// Workers may be quarantined, and jobs folded again without what one of them reported. Jobs have owners; those asked
// before belong to nobody.
constexpr char kToVersion4[] = R"sql(
ALTER TABLE bundles ADD COLUMN memo INTEGER NOT NULL DEFAULT 0 CHECK (memo IN (0, 1));
ALTER TABLE workers ADD COLUMN quarantined_time TEXT;
ALTER TABLE workers ADD COLUMN quarantine_reason TEXT;
ALTER TABLE workers ADD COLUMN folded_out INTEGER CHECK (folded_out IN (0, 1));
ALTER TABLE jobs RENAME TO old_jobs;
CREATE TABLE jobs (
  -- AUTOINCREMENT: a number is never given twice, even when the last job was deleted.
  job                    INTEGER PRIMARY KEY AUTOINCREMENT CHECK (job >= 1),
  name                   TEXT    NOT NULL,
  label                  TEXT    NOT NULL,
  owner                  TEXT    NOT NULL,
  priority               INTEGER NOT NULL,
  state                  TEXT    NOT NULL CHECK (state IN ('QUEUED', 'RUNNING', 'PAUSED', 'ANSWERED', 'EXHAUSTED',
                                                           'BUDGET_SPENT', 'CANCELLED', 'FAILED')),
  reason                 TEXT    NOT NULL,
  threshold_metric       TEXT    NOT NULL CHECK (threshold_metric IN ('accuracy', 'balanced_accuracy', 'f1_macro',
                                                                      'auc', 'log_loss', 'r2', 'rmse', 'mae')),
  threshold_comparison   TEXT    NOT NULL CHECK (threshold_comparison IN ('>=', '<=')),
  threshold_value        REAL,
  pass                   TEXT    NOT NULL CHECK (pass IN ('any', 'reliable')),
  search                 TEXT    NOT NULL CHECK (search IN ('ladder', 'grid', 'random')),
  epochs                 INTEGER NOT NULL CHECK (epochs >= 1),
  data_file              TEXT    NOT NULL,
  target                 TEXT    NOT NULL,
  task                   TEXT    NOT NULL CHECK (task IN ('classification', 'regression')),
  rows_train             INTEGER NOT NULL CHECK (rows_train >= 0),
  rows_validation        INTEGER NOT NULL CHECK (rows_validation >= 0),
  rows_test              INTEGER NOT NULL CHECK (rows_test >= 0),
  inputs                 INTEGER NOT NULL CHECK (inputs >= 0),
  outputs                INTEGER NOT NULL CHECK (outputs >= 1),
  question               TEXT    NOT NULL CHECK (json_valid(question)),
  question_sha256        TEXT    NOT NULL,
  data_sha256            TEXT    NOT NULL REFERENCES datasets (sha256),
  test_sha256            TEXT    NOT NULL REFERENCES datasets (sha256),
  budget_trials          INTEGER,
  budget_epochs          INTEGER,
  budget_seconds         REAL,
  numerics_version       INTEGER NOT NULL,
  created_time           TEXT    NOT NULL,
  finished_time          TEXT,
  search_seconds         REAL    NOT NULL,
  -- The answer, or the best network so far. Not a foreign key: the job's row may be written before the trial's.
  answer_trial           INTEGER,
  answer_hidden          TEXT,
  answer_confirmed       INTEGER CHECK (answer_confirmed IN (0, 1)),
  wrong_at_most          REAL    CHECK (wrong_at_most BETWEEN 0 AND 1),
  -- The job of which this is another split of the rows; both may be written in one go, in any order.
  parent                 INTEGER REFERENCES jobs (job) DEFERRABLE INITIALLY DEFERRED,
  split_seed             INTEGER NOT NULL,  -- 64 bits without a sign, stored as if they had one
  characterising         INTEGER NOT NULL CHECK (characterising IN (0, 1)),
  characterise_seconds   REAL    NOT NULL,
  pass_rate_tries        INTEGER CHECK (pass_rate_tries >= 0),
  pass_rate_passes       INTEGER CHECK (pass_rate_passes BETWEEN 0 AND pass_rate_tries),
  reliable_hidden        TEXT,
  reliable_init          TEXT,
  reliable_activation    TEXT,
  reliable_optimizer     TEXT,
  reliable_learning_rate REAL,
  reliable_batch_size    INTEGER,
  reliable_weight_decay  REAL,
  reliable_tries         INTEGER CHECK (reliable_tries >= 0),
  reliable_passes        INTEGER CHECK (reliable_passes BETWEEN 0 AND reliable_tries),
  reliable_reason        TEXT    NOT NULL,
  CHECK ((answer_trial IS NULL) = (answer_hidden IS NULL)),
  CHECK ((pass_rate_tries IS NULL) = (pass_rate_passes IS NULL)),
  CHECK (reliable_hidden IS NULL
         OR (reliable_init IS NOT NULL AND reliable_activation IS NOT NULL AND reliable_optimizer IS NOT NULL
             AND reliable_learning_rate IS NOT NULL AND reliable_batch_size IS NOT NULL
             AND reliable_weight_decay IS NOT NULL AND reliable_tries IS NOT NULL AND reliable_passes IS NOT NULL))
) STRICT;
INSERT INTO jobs (job, name, label, owner, priority, state, reason, threshold_metric, threshold_comparison,
                  threshold_value, pass, search, epochs, data_file, target, task, rows_train, rows_validation,
                  rows_test, inputs, outputs, question, question_sha256, data_sha256, test_sha256, budget_trials,
                  budget_epochs, budget_seconds, numerics_version, created_time, finished_time, search_seconds,
                  answer_trial, answer_hidden, answer_confirmed, wrong_at_most, parent, split_seed, characterising,
                  characterise_seconds, pass_rate_tries, pass_rate_passes, reliable_hidden, reliable_init,
                  reliable_activation, reliable_optimizer, reliable_learning_rate, reliable_batch_size,
                  reliable_weight_decay, reliable_tries, reliable_passes, reliable_reason)
SELECT job, name, label, '', priority, state, reason, threshold_metric, threshold_comparison, threshold_value, pass,
       search, epochs, data_file, target, task, rows_train, rows_validation, rows_test, inputs, outputs, question,
       question_sha256, data_sha256, test_sha256, budget_trials, budget_epochs, budget_seconds, numerics_version,
       created_time, finished_time, search_seconds, answer_trial, answer_hidden, answer_confirmed, wrong_at_most,
       parent, split_seed, characterising, characterise_seconds, pass_rate_tries, pass_rate_passes, reliable_hidden,
       reliable_init, reliable_activation, reliable_optimizer, reliable_learning_rate, reliable_batch_size,
       reliable_weight_decay, reliable_tries, reliable_passes, reliable_reason
FROM old_jobs
ORDER BY job;
DELETE FROM sqlite_sequence WHERE name = 'jobs';
UPDATE sqlite_sequence SET name = 'jobs' WHERE name = 'old_jobs';
DROP TABLE old_jobs;
CREATE INDEX jobs_by_parent ON jobs (parent) WHERE parent IS NOT NULL;

-- SQLite makes a temporary table of a list of more than two values each time that a row is checked, so lists are written
-- out. They say what they said: no row has to be looked at.
PRAGMA writable_schema = ON;
UPDATE sqlite_schema SET sql = replace(replace(replace(sql,
  'CHECK (kind IN (''bundle'', ''hole'', ''threshold'', ''look'', ''answer'', ''phase_end''))',
  'CHECK (kind = ''bundle'' OR kind = ''hole'' OR kind = ''threshold'' OR kind = ''look''
                                          OR kind = ''answer'' OR kind = ''phase_end'')'),
  'CHECK (state IN (''ISSUED'', ''FOLDED'', ''SKIPPED'', ''CUT''))',
  'CHECK (state = ''ISSUED'' OR state = ''FOLDED'' OR state = ''SKIPPED''
                                          OR state = ''CUT'')'),
  'CHECK (phase IN (''reference'', ''search'', ''pass_rate'', ''reliable''))',
  'CHECK (phase = ''reference'' OR phase = ''search'' OR phase = ''pass_rate''
                                 OR phase = ''reliable'')')
WHERE type = 'table' AND name = 'bundles';
UPDATE sqlite_schema SET sql = replace(replace(replace(replace(sql,
  'CHECK (phase IN (''reference'', ''search'', ''pass_rate'', ''reliable''))',
  'CHECK (phase = ''reference'' OR phase = ''search'' OR phase = ''pass_rate''
                                                OR phase = ''reliable'')'),
  'CHECK (init IN (''zeros'', ''constant'', ''normal'', ''uniform'', ''xavier'', ''he'',
                                                         ''lecun'', ''orthogonal''))',
  'CHECK (init = ''zeros'' OR init = ''constant'' OR init = ''normal''
                                                OR init = ''uniform'' OR init = ''xavier'' OR init = ''he''
                                                OR init = ''lecun'' OR init = ''orthogonal'')'),
  'CHECK (activation IN (''relu'', ''tanh'', ''sigmoid'', ''leaky_relu''))',
  'CHECK (activation = ''relu'' OR activation = ''tanh''
                                                OR activation = ''sigmoid'' OR activation = ''leaky_relu'')'),
  'CHECK (state IN (''PASSED'', ''MISSED'', ''STOPPED_EARLY'', ''DIVERGED'', ''FAILED'',
                                                          ''CANCELLED''))',
  'CHECK (state = ''PASSED'' OR state = ''MISSED'' OR state = ''STOPPED_EARLY''
                                                OR state = ''DIVERGED'' OR state = ''FAILED'' OR state = ''CANCELLED'')')
WHERE type = 'table' AND name = 'trials';
PRAGMA writable_schema = RESET;
)sql";

// kSteps[i] leads from version i + 1 to version i + 2. A step is never changed once files of its version exist.
constexpr std::array<const char*, kSchemaVersion - 1> kSteps = {kToVersion2, kToVersion3, kToVersion4};

// Steps make tables anew under their names, to which other tables refer: neither may be in the way meanwhile.
class TablesComeAndGo {
 public:
  explicit TablesComeAndGo(SQLite::Database& database) : database_(database) { Set("foreign_keys = OFF", "ON"); }
  ~TablesComeAndGo() { Set("foreign_keys = ON", "OFF"); }
  TablesComeAndGo(const TablesComeAndGo&) = delete;
  TablesComeAndGo& operator=(const TablesComeAndGo&) = delete;

 private:
  void Set(const std::string& foreign_keys, const std::string& legacy) {
    database_.tryExec("PRAGMA " + foreign_keys);
    database_.tryExec("PRAGMA legacy_alter_table = " + legacy);  // a renamed table takes no references along
  }

  SQLite::Database& database_;
};

void DropViews(SQLite::Database& database) {
  SQLite::Statement select(database, "SELECT name FROM sqlite_schema WHERE type = 'view' ORDER BY name");
  std::vector<std::string> names;
  while (select.executeStep()) names.push_back(select.getColumn(0).getString());
  select.reset();
  for (const std::string& name : names) database.exec("DROP VIEW \"" + name + "\"");
}

void CheckReferences(SQLite::Database& database) {
  SQLite::Statement broken(database, "PRAGMA foreign_key_check");
  if (!broken.executeStep()) return;
  throw SQLite::Exception("a row of " + broken.getColumn(0).getString() + " refers to one that is not there");
}

}  // namespace

void Migrate(SQLite::Database& database, int64_t from) {
  if (from == kSchemaVersion) return;
  const TablesComeAndGo tables_come_and_go(database);
  SQLite::Transaction transaction(database, SQLite::TransactionBehavior::IMMEDIATE);
  DropViews(database);
  for (int64_t version = from; version < kSchemaVersion; ++version) database.exec(kSteps.at(version - 1));
  database.exec(kViewsSql);
  database.exec("PRAGMA user_version = " + std::to_string(kSchemaVersion));
  database.exec("UPDATE meta SET schema_version = " + std::to_string(kSchemaVersion));
  CheckReferences(database);
  transaction.commit();
}

}  // namespace minnow::storage
