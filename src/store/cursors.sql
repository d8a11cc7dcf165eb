-- Version 4: by which settings each source is read, so that records read under others are read again.

CREATE TABLE settings (
    source TEXT PRIMARY KEY,
    -- A keyed digest of the collector, its version and its settings.
    mark BLOB NOT NULL,
    -- When the first scan under them began to read the source.
    since INTEGER NOT NULL
) WITHOUT ROWID;
