#include "server/storage/schema.h"

#include <SQLiteCpp/Database.h>
#include <SQLiteCpp/Transaction.h>

#include <string>

#include "common/trial.h"

namespace minnow::storage {
namespace {

// Tables keyed by (job, number) have no rowid: their rows lie in the order of the key, which is the order in which they
// are written and read, and no second index has to be kept. `models` and `dataset_chunks` keep theirs because of their
// large rows. Where rows are written by the trial, checks write lists out: of IN with more than two values SQLite makes
// a temporary table for each row.
constexpr char kTablesSql[] = R"sql(
-- One row: what wrote this file.
CREATE TABLE meta (
  application      TEXT    NOT NULL CHECK (application = 'minnow'),
  schema_version   INTEGER NOT NULL CHECK (schema_version >= 1),
  numerics_version INTEGER NOT NULL CHECK (numerics_version >= 1)
) STRICT;

-- Prepared data, by the SHA-256 of their encoding; the bytes are in dataset_chunks.
CREATE TABLE datasets (
  sha256 TEXT    NOT NULL PRIMARY KEY,
  kind   TEXT    NOT NULL CHECK (kind IN ('training', 'test')),
  rows   INTEGER NOT NULL CHECK (rows >= 0),
  inputs INTEGER NOT NULL CHECK (inputs >= 0),
  size   INTEGER NOT NULL CHECK (size >= 0)
) STRICT, WITHOUT ROWID;

CREATE TABLE dataset_chunks (
  sha256 TEXT    NOT NULL REFERENCES datasets (sha256),
  chunk  INTEGER NOT NULL CHECK (chunk >= 0),
  bytes  BLOB    NOT NULL,
  PRIMARY KEY (sha256, chunk)
) STRICT;

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

CREATE INDEX jobs_by_parent ON jobs (parent) WHERE parent IS NOT NULL;

-- How raw columns became network inputs, and how outputs become answers. Of a job, since equal data may come from columns and
-- classes of other names.
CREATE TABLE preparations (
  job         INTEGER PRIMARY KEY REFERENCES jobs (job),
  preparation TEXT    NOT NULL CHECK (json_valid(preparation))
) STRICT;

-- What the evidence says about each shape of a job's space.
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

-- The issue list: bundles of trials, holes, and the markers that store a decision.
CREATE TABLE bundles (
  job             INTEGER NOT NULL REFERENCES jobs (job),
  place           INTEGER NOT NULL CHECK (place >= 0),
  kind            TEXT    NOT NULL CHECK (kind = 'bundle' OR kind = 'hole' OR kind = 'threshold' OR kind = 'look'
                                          OR kind = 'answer' OR kind = 'phase_end'),
  state           TEXT    NOT NULL CHECK (state = 'ISSUED' OR state = 'FOLDED' OR state = 'SKIPPED'
                                          OR state = 'CUT'),
  phase           TEXT    CHECK (phase = 'reference' OR phase = 'search' OR phase = 'pass_rate'
                                 OR phase = 'reliable'),
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
  memo            INTEGER NOT NULL DEFAULT 0 CHECK (memo IN (0, 1)),
  PRIMARY KEY (job, place),
  CHECK (kind NOT IN ('bundle', 'hole')
         OR (phase IS NOT NULL AND shape IS NOT NULL AND recipes IS NOT NULL AND trials IS NOT NULL
             AND first_seed IS NOT NULL AND first_trial IS NOT NULL)),
  CHECK (kind <> 'phase_end' OR phase IS NOT NULL),
  CHECK (kind <> 'threshold' OR trial IS NOT NULL),
  CHECK (kind <> 'look' OR (shape IS NOT NULL AND trial IS NOT NULL AND confirmed IS NOT NULL))
) STRICT, WITHOUT ROWID;

CREATE TABLE trials (
  job                   INTEGER NOT NULL REFERENCES jobs (job),
  trial                 INTEGER NOT NULL CHECK (trial >= 1),
  place                 INTEGER NOT NULL,  -- of its bundle
  phase                 TEXT    NOT NULL CHECK (phase = 'reference' OR phase = 'search' OR phase = 'pass_rate'
                                                OR phase = 'reliable'),
  shape                 INTEGER NOT NULL,
  hidden                TEXT    NOT NULL,
  parameters            INTEGER NOT NULL CHECK (parameters >= 0),
  multiply_adds         INTEGER NOT NULL CHECK (multiply_adds >= 0),
  init                  TEXT    NOT NULL CHECK (init = 'zeros' OR init = 'constant' OR init = 'normal'
                                                OR init = 'uniform' OR init = 'xavier' OR init = 'he'
                                                OR init = 'lecun' OR init = 'orthogonal'),
  activation            TEXT    NOT NULL CHECK (activation = 'relu' OR activation = 'tanh'
                                                OR activation = 'sigmoid' OR activation = 'leaky_relu'),
  optimizer             TEXT    NOT NULL CHECK (optimizer IN ('sgd', 'adam')),
  learning_rate         REAL    NOT NULL,
  batch_size            INTEGER NOT NULL CHECK (batch_size >= 1),
  weight_decay          REAL    NOT NULL,
  seed                  INTEGER NOT NULL,
  audited               INTEGER NOT NULL CHECK (audited IN (0, 1)),
  state                 TEXT    NOT NULL CHECK (state = 'PASSED' OR state = 'MISSED' OR state = 'STOPPED_EARLY'
                                                OR state = 'DIVERGED' OR state = 'FAILED' OR state = 'CANCELLED'),
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

-- For smallest_good_enough: one step down this index for each shape. It is empty for a ladder, whose trials never see
-- the test part, so that it costs the default search nothing.
CREATE INDEX trials_good_on_test ON trials (job, shape, test_score)
  WHERE evidence = 1 AND state = 'PASSED' AND test_score IS NOT NULL;

CREATE TABLE scores (
  job              INTEGER NOT NULL,
  trial            INTEGER NOT NULL,
  epoch            INTEGER NOT NULL CHECK (epoch >= 1),
  train_loss       REAL,
  validation_score REAL,
  best_score       REAL,
  PRIMARY KEY (job, trial, epoch),
  FOREIGN KEY (job, trial) REFERENCES trials (job, trial)
) STRICT, WITHOUT ROWID;

CREATE TABLE models (
  job     INTEGER NOT NULL,
  trial   INTEGER NOT NULL,
  weights BLOB    NOT NULL,
  PRIMARY KEY (job, trial),
  FOREIGN KEY (job, trial) REFERENCES trials (job, trial)
) STRICT;

CREATE TABLE test_looks (
  job         INTEGER NOT NULL,
  look        INTEGER NOT NULL CHECK (look >= 1),
  trial       INTEGER NOT NULL,
  shape       INTEGER NOT NULL,
  score       REAL,
  low         REAL,
  high        REAL,
  level       REAL    NOT NULL CHECK (level BETWEEN 0 AND 1),
  confirmed   INTEGER NOT NULL CHECK (confirmed IN (0, 1)),
  grade       TEXT    NOT NULL CHECK (grade IN ('shown', 'consistent', 'missed')),
  looked_time TEXT    NOT NULL,
  PRIMARY KEY (job, look),
  FOREIGN KEY (job, trial) REFERENCES trials (job, trial)
) STRICT, WITHOUT ROWID;

-- How each worker introduced itself last, and what it has reported over all its life.
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
  last_time       TEXT    NOT NULL,
  quarantined_time  TEXT,
  quarantine_reason TEXT,
  folded_out        INTEGER CHECK (folded_out IN (0, 1))
) STRICT, WITHOUT ROWID;

-- Work that was given to workers and that has not come back.
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

-- What clients asked for and was done, so that a request that comes once more is not done twice.
CREATE TABLE requests (
  request      TEXT    NOT NULL PRIMARY KEY,
  action       TEXT    NOT NULL CHECK (action IN ('submit', 'pause', 'resume', 'cancel', 'delete')),
  job          INTEGER NOT NULL,  -- not a foreign key: the request that deleted a job outlives it
  existed      INTEGER NOT NULL CHECK (existed IN (0, 1)),
  request_time TEXT    NOT NULL
) STRICT;

-- The story of each job, one sentence a row.
CREATE TABLE events (
  event      INTEGER PRIMARY KEY,
  job        INTEGER REFERENCES jobs (job),
  event_time TEXT    NOT NULL,
  kind       TEXT    NOT NULL,
  text       TEXT    NOT NULL
) STRICT;

CREATE INDEX events_by_job ON events (job);
)sql";

}  // namespace

void CreateSchema(SQLite::Database& database) {
  SQLite::Transaction transaction(database, SQLite::TransactionBehavior::EXCLUSIVE);
  database.exec("PRAGMA application_id = " + std::to_string(kApplicationId));
  database.exec("PRAGMA user_version = " + std::to_string(kSchemaVersion));
  database.exec(kTablesSql);
  database.exec(kViewsSql);
  database.exec("INSERT INTO meta (application, schema_version, numerics_version) VALUES ('minnow', " +
                std::to_string(kSchemaVersion) + ", " + std::to_string(kNumericsVersion) + ")");
  transaction.commit();
}

}  // namespace minnow::storage
