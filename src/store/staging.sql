-- What ran in staging, where and when: a sighting on another system proves nothing, and a day on which an artefact was rolled
-- back is no day of trial. What was known before without its system proves nothing any more, and goes.

CREATE TABLE staging_run (
    artefact TEXT NOT NULL,
    asset TEXT NOT NULL,
    -- When it began at the latest.
    started INTEGER NOT NULL,
    -- When the system was seen last without it; none where it was met with it.
    before INTEGER,
    -- When it was seen last; none while it runs.
    ended INTEGER,
    PRIMARY KEY (artefact, asset, started)
) WITHOUT ROWID;
DROP TABLE sighting;
