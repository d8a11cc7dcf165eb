-- Version 3: what the approval policy says of changes, and since when what runs in staging.

-- A verdict, and every other one after it: the newest counts. One that says the same costs no row.
CREATE TABLE verdict (
    id INTEGER PRIMARY KEY,
    change INTEGER NOT NULL,
    -- The scan that judged.
    scan INTEGER NOT NULL,
    at INTEGER NOT NULL,
    body TEXT NOT NULL
);
CREATE INDEX verdict_by_change ON verdict (change, id);

-- When a digest or a commit was first seen in staging.
CREATE TABLE sighting (
    artefact TEXT PRIMARY KEY,
    at INTEGER NOT NULL
) WITHOUT ROWID;
