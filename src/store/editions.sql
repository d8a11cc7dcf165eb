-- Version 10: by which edition of its collector a source was read, and since when its scopes are listed.

-- Another edition gives other ids or reads facts another way, which is no change of what it reads.
ALTER TABLE settings ADD COLUMN edition INTEGER NOT NULL DEFAULT 1;
-- When the list of the source's scopes was read completely, first and last: what comes later is new.
ALTER TABLE settings ADD COLUMN listed_first INTEGER;
ALTER TABLE settings ADD COLUMN listed_last INTEGER;

-- What each asset was ever called: an id that is made of names. A request that names it so is about it, whatever it is called today.
CREATE TABLE called (
    name TEXT NOT NULL,
    asset INTEGER NOT NULL,
    PRIMARY KEY (name, asset)
) WITHOUT ROWID;
