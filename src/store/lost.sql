-- Version 8: what nobody looks at any more.

-- What a scan says of itself beside drifts and changes, as JSON: the assets that lost their role, and hidden values that could not be
-- compared. Null where there is nothing.
ALTER TABLE scan ADD COLUMN remarks TEXT;
-- The role that each asset has by the last scan.
CREATE TABLE role (
    asset INTEGER PRIMARY KEY,
    role TEXT NOT NULL
);
-- Sources that were taken out for good: what they had seen ended with that scan.
CREATE TABLE retired (
    source TEXT PRIMARY KEY,
    scan INTEGER NOT NULL,
    at INTEGER NOT NULL,
    reason TEXT NOT NULL,
    assets INTEGER NOT NULL
) WITHOUT ROWID;
