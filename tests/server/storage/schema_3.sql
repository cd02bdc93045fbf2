-- What Minnow wrote with schema version 3: a running job with a lease that has ended, and one that is answered, with its
-- pass rate and the smallest shape that is reliable.
PRAGMA application_id = 0x4d696e6e;
PRAGMA user_version = 3;
PRAGMA foreign_keys=OFF;
BEGIN TRANSACTION;
CREATE TABLE meta (
  application      TEXT    NOT NULL CHECK (application = 'minnow'),
  schema_version   INTEGER NOT NULL CHECK (schema_version >= 1),
  numerics_version INTEGER NOT NULL CHECK (numerics_version >= 1)
) STRICT;
INSERT INTO meta VALUES('minnow',3,2);
CREATE TABLE datasets (
  sha256 TEXT    NOT NULL PRIMARY KEY,
  kind   TEXT    NOT NULL CHECK (kind IN ('training', 'test')),
  rows   INTEGER NOT NULL CHECK (rows >= 0),
  inputs INTEGER NOT NULL CHECK (inputs >= 0),
  size   INTEGER NOT NULL CHECK (size >= 0)
) STRICT, WITHOUT ROWID;
INSERT INTO datasets VALUES('6d2a8b9ebaed952ee9cc4cfcb9e14e76880452fc49b9141b29200c370888a7be','training',8,4,216);
INSERT INTO datasets VALUES('724972959cbc0184617f29506fcddd7e1a321ac2b133bee7fe3165a0b569dde9','test',2,4,96);
CREATE TABLE dataset_chunks (
  sha256 TEXT    NOT NULL REFERENCES datasets (sha256),
  chunk  INTEGER NOT NULL CHECK (chunk >= 0),
  bytes  BLOB    NOT NULL,
  PRIMARY KEY (sha256, chunk)
) STRICT;
INSERT INTO dataset_chunks VALUES('6d2a8b9ebaed952ee9cc4cfcb9e14e76880452fc49b9141b29200c370888a7be',0,X'4d4e4e570100000001000000000000000200000004000000050000000000000003000000000000000000000000000000000000000000f03f0000003f0000003f0000003f0000003f0000003f0000003f0000003f0000003f0000003f0000003f0000003f0000003f0000003f0000003f0000003f0000003f0000003f0000003f0000003f0000003f00000000010000000000000001000000010000000000003f0000003f0000003f0000003f0000003f0000003f0000003f0000003f0000003f0000003f0000003f0000003f010000000000000001000000');
INSERT INTO dataset_chunks VALUES('724972959cbc0184617f29506fcddd7e1a321ac2b133bee7fe3165a0b569dde9',0,X'4d4e4e570100000002000000000000000200000004000000020000000000000000000000000000000000000000000000000000000000f03f0000003f0000003f0000003f0000003f0000003f0000003f0000003f0000003f0000000001000000');
CREATE TABLE preparations (
  job         INTEGER PRIMARY KEY REFERENCES jobs (job),
  preparation TEXT    NOT NULL CHECK (json_valid(preparation))
) STRICT;
INSERT INTO preparations VALUES(1,'{}');
INSERT INTO preparations VALUES(2,'{}');
CREATE TABLE scores (
  job              INTEGER NOT NULL,
  trial            INTEGER NOT NULL,
  epoch            INTEGER NOT NULL CHECK (epoch >= 1),
  train_loss       REAL,
  validation_score REAL, best_score REAL,
  PRIMARY KEY (job, trial, epoch),
  FOREIGN KEY (job, trial) REFERENCES trials (job, trial)
) STRICT, WITHOUT ROWID;
INSERT INTO scores VALUES(1,1,3,0.69999999999999995559,0.5,NULL);
INSERT INTO scores VALUES(1,1,10,0.25,0.75,NULL);
INSERT INTO scores VALUES(1,2,3,0.69999999999999995559,0.5,NULL);
INSERT INTO scores VALUES(1,2,10,0.25,0.75,NULL);
INSERT INTO scores VALUES(2,1,3,0.69999999999999995559,0.5,NULL);
INSERT INTO scores VALUES(2,1,10,0.25,0.75,NULL);
CREATE TABLE models (
  job     INTEGER NOT NULL,
  trial   INTEGER NOT NULL,
  weights BLOB    NOT NULL,
  PRIMARY KEY (job, trial),
  FOREIGN KEY (job, trial) REFERENCES trials (job, trial)
) STRICT;
INSERT INTO models VALUES(2,1,X'0000803f0000004000004040');
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
INSERT INTO test_looks VALUES(2,1,1,1,0.91000000000000003108,0.8000000000000000444,0.96999999999999997335,0.97499999999999997779,1,'consistent','2023-11-14T22:14:59.000000Z');
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
INSERT INTO workers VALUES('ant','s1',4,'avx2','2023-11-14T22:13:20.500000Z',2,20,0.25,'2023-11-14T22:13:20.500000Z','2023-11-14T22:13:21.000001Z');
INSERT INTO workers VALUES('bee','',1,'','2023-11-14T22:13:21.000002Z',1,10,0.125,'2023-11-14T22:13:21.000002Z','2023-11-14T22:13:21.000002Z');
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
INSERT INTO leases VALUES(7,1,1,0,1,'ant','2023-11-14T22:13:30.000000Z',1);
CREATE TABLE requests (
  request      TEXT    NOT NULL PRIMARY KEY,
  action       TEXT    NOT NULL CHECK (action IN ('submit', 'pause', 'resume', 'cancel', 'delete')),
  job          INTEGER NOT NULL,  -- not a foreign key: the request that deleted a job outlives it
  existed      INTEGER NOT NULL CHECK (existed IN (0, 1)),
  request_time TEXT    NOT NULL
) STRICT;
INSERT INTO requests VALUES('request 1','submit',1,0,'2023-11-14T22:13:20.000000Z');
INSERT INTO requests VALUES('request 3','delete',3,0,'2023-11-14T22:13:22.000000Z');
CREATE TABLE events (
  event      INTEGER PRIMARY KEY,
  job        INTEGER REFERENCES jobs (job),
  event_time TEXT    NOT NULL,
  kind       TEXT    NOT NULL,
  text       TEXT    NOT NULL
) STRICT;
INSERT INTO events VALUES(1,1,'2023-11-14T22:13:20.000000Z','submitted','4 shapes, 9 recipes');
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
INSERT INTO jobs VALUES(1,'digits','',1,'RUNNING','','accuracy','>=',0.9000000000000000222,'any','ladder',40,'digits.csv','digit','classification',5,3,2,4,1,'{"metric":"accuracy","value":0.9,"min_layers":0,"max_layers":2,"units":[1,2,3,4,6,8,12,16,24,32,48,64],"init":["he","xavier","lecun"],"activation":["relu"],"optimizer":["sgd"],"learning_rate":[0.01,0.05,0.2],"batch_size":[32],"weight_decay":[0.0],"momentum":0.9,"epochs":40,"search":"ladder","seeds":3,"pass":"any","order_by":"parameters","early_stop":false,"confirm":3,"require_shown":false,"characterise":false,"splits":1,"seed":1}','question 1','6d2a8b9ebaed952ee9cc4cfcb9e14e76880452fc49b9141b29200c370888a7be','724972959cbc0184617f29506fcddd7e1a321ac2b133bee7fe3165a0b569dde9',NULL,NULL,NULL,2,'2023-11-14T22:13:20.123456Z',NULL,0.0,NULL,NULL,NULL,NULL,NULL,1,0,0.0,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,'');
INSERT INTO jobs VALUES(2,'digits','',1,'ANSWERED','','accuracy','>=',0.9000000000000000222,'any','ladder',40,'digits.csv','digit','classification',5,3,2,4,1,'{"metric":"accuracy","value":0.9,"min_layers":0,"max_layers":2,"units":[1,2,3,4,6,8,12,16,24,32,48,64],"init":["he","xavier","lecun"],"activation":["relu"],"optimizer":["sgd"],"learning_rate":[0.01,0.05,0.2],"batch_size":[32],"weight_decay":[0.0],"momentum":0.9,"epochs":40,"search":"ladder","seeds":3,"confirm":3,"seed":1,"pass":"any","order_by":"parameters","early_stop":false,"require_shown":false,"characterise":false,"splits":1}','question 2','6d2a8b9ebaed952ee9cc4cfcb9e14e76880452fc49b9141b29200c370888a7be','724972959cbc0184617f29506fcddd7e1a321ac2b133bee7fe3165a0b569dde9',NULL,NULL,NULL,2,'2023-11-14T22:13:20.123456Z','2023-11-14T22:15:00.000000Z',1.5,1,'[2]',1,0.050000000000000002775,NULL,1,0,0.0,64,9,'[2]','he','relu','sgd',0.050000000000000002775,32,0.0,18,17,'');
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
INSERT INTO shapes VALUES(1,0,'[2]',13,10,'UNDECIDED','',NULL,0,0,0,0,0,0,0,NULL,NULL,0);
INSERT INTO shapes VALUES(2,0,'[1]',7,5,'NOT_GOOD_ENOUGH','contained in [2,2]',3,0,0,0,0,0,0,0,NULL,NULL,1);
INSERT INTO shapes VALUES(2,1,'[2]',13,10,'GOOD_ENOUGH','',NULL,1,1,1,0,0,0,10,0.5,1,0);
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
INSERT INTO bundles VALUES(1,0,'bundle','ISSUED','search',0,'[0,1,2]',3,1,1,NULL,NULL,0,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL);
INSERT INTO bundles VALUES(1,1,'bundle','ISSUED','search',0,'[0,1,2]',3,1,4,NULL,NULL,0,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL);
INSERT INTO bundles VALUES(1,2,'bundle','ISSUED','search',0,'[6,7,8]',3,7,7,NULL,NULL,0,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL);
INSERT INTO bundles VALUES(1,3,'bundle','ISSUED','search',1,'[0,1,2,3,4,5,6,7,8,0,1,2,3,4,5,6,7,8,0,1,2,3,4,5,6,7,8,0,1,2,3,4,5,6,7,8,0,1,2,3,4,5,6,7,8,0,1,2,3,4,5,6,7,8,0,1,2,3,4,5,6,7,8]',63,1,10,NULL,NULL,0,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL);
INSERT INTO bundles VALUES(1,4,'bundle','ISSUED','search',2,'[0,1,2,3,4,5,6,7,8,0,1,2,3,4,5,6,7,8,0,1,2,3,4,5,6,7,8,0,1,2,3,4,5,6,7,8,0,1,2,3,4,5,6,7,8,0,1,2,3,4,5,6,7,8,0,1,2,3,4,5,6,7,8]',63,1,73,NULL,NULL,0,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL);
INSERT INTO bundles VALUES(1,5,'bundle','ISSUED','search',3,'[0,1,2,3,4,5,6,7,8,0,1,2,3,4,5,6,7,8,0,1,2,3,4,5,6,7,8,0,1,2,3,4,5,6,7,8,0,1,2,3,4,5,6,7,8,0,1,2,3,4,5,6,7,8,0,1,2,3,4,5,6,7,8]',63,1,136,NULL,NULL,0,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL);
INSERT INTO bundles VALUES(1,6,'bundle','ISSUED','search',4,'[0,1,2,3,4,5,6,7,8,0,1,2,3,4,5,6,7,8,0,1,2,3,4,5,6,7,8,0,1,2,3,4,5,6,7,8,0,1,2,3,4,5,6,7,8,0,1,2,3,4,5,6,7,8,0,1,2,3,4,5,6,7,8]',63,1,199,NULL,NULL,0,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL);
INSERT INTO bundles VALUES(1,7,'bundle','ISSUED','search',5,'[0,1,2,3,4,5,6,7,8,0,1,2,3,4,5,6,7,8,0,1,2,3,4,5,6,7,8,0,1,2,3,4,5,6,7,8,0,1,2,3,4,5,6,7,8,0,1,2,3,4,5,6,7,8,0,1,2,3,4,5,6,7,8]',63,1,262,NULL,NULL,0,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL);
INSERT INTO bundles VALUES(1,8,'bundle','ISSUED','search',6,'[0,1,2,3,4,5,6,7,8,0,1,2,3,4,5,6,7,8,0,1,2,3,4,5,6,7,8,0,1,2,3,4,5,6,7,8,0,1,2,3,4,5,6,7,8,0,1,2,3,4,5,6,7,8,0,1,2,3,4,5,6,7,8]',63,1,325,NULL,NULL,0,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL);
INSERT INTO bundles VALUES(2,0,'bundle','FOLDED','search',0,'[0]',1,1,1,NULL,NULL,1,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL);
INSERT INTO bundles VALUES(2,1,'hole','FOLDED','search',0,'[]',0,1,2,NULL,NULL,0,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL);
INSERT INTO bundles VALUES(2,2,'threshold','FOLDED',NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,0,1,0.9000000000000000222,0.94999999999999995559,0.050000000000000002775,NULL,NULL,NULL,NULL,NULL);
INSERT INTO bundles VALUES(2,3,'look','FOLDED',NULL,1,NULL,NULL,NULL,NULL,NULL,NULL,0,1,NULL,NULL,NULL,0.91000000000000003108,0.8000000000000000444,0.96999999999999997335,0.97499999999999997779,1);
INSERT INTO bundles VALUES(2,4,'answer','FOLDED',NULL,1,NULL,NULL,NULL,NULL,NULL,NULL,0,1,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL);
INSERT INTO bundles VALUES(2,5,'bundle','CUT','search',1,'[0,1]',2,2,2,NULL,NULL,0,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL);
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
INSERT INTO trials VALUES(1,1,0,'search',0,'[2]',13,10,'he','relu','sgd',0.050000000000000002775,32,0.0,1,0,'MISSED',10,10,NULL,NULL,0.75,NULL,0.5,NULL,'weights 1',2,2,0,0,0.125,'2023-11-14T22:13:21.000001Z','ant',1);
INSERT INTO trials VALUES(1,2,0,'search',0,'[2]',13,10,'he','relu','sgd',0.050000000000000002775,32,0.0,2,1,'MISSED',10,10,NULL,5,0.75,NULL,0.5,NULL,'weights 2',2,2,0,0,0.125,'2023-11-14T22:13:21.000002Z','bee',1);
INSERT INTO trials VALUES(2,1,0,'search',0,'[2]',13,10,'he','relu','sgd',0.050000000000000002775,32,0.0,1,0,'PASSED',10,10,NULL,NULL,0.75,NULL,0.5,NULL,'weights 1',2,2,0,1,0.125,'2023-11-14T22:13:21.000001Z','ant',1);
DELETE FROM sqlite_sequence;
INSERT INTO sqlite_sequence VALUES('jobs',3);
INSERT INTO sqlite_sequence VALUES('leases',8);
CREATE INDEX events_by_job ON events (job);
CREATE INDEX jobs_by_parent ON jobs (parent) WHERE parent IS NOT NULL;
CREATE INDEX trials_good_on_test ON trials (job, shape, test_score)
  WHERE evidence = 1 AND state = 'PASSED' AND test_score IS NOT NULL;
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
       format('%s %s %s lr %.15g batch %d decay %.15g',
              r.init, r.activation, r.optimizer, r.learning_rate, r.batch_size, r.weight_decay) AS recipe,
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
COMMIT;
