-- Version 2: what platforms and trackers keep records of, and who made a change.

-- Somebody did something. A record that is handed over again, and says the same, costs no row.
CREATE TABLE action (
    id INTEGER PRIMARY KEY,
    source TEXT NOT NULL,
    -- The platform's id of it.
    record TEXT NOT NULL,
    asset INTEGER NOT NULL,
    at INTEGER NOT NULL,
    -- The scan that met it first.
    scan INTEGER NOT NULL,
    body TEXT NOT NULL,
    UNIQUE (source, record)
);
CREATE INDEX action_by_asset ON action (asset, at);
CREATE INDEX action_by_time ON action (at);

-- A change was asked for, and approved.
CREATE TABLE request (
    id INTEGER PRIMARY KEY,
    source TEXT NOT NULL,
    -- The tracker's id of it.
    record TEXT NOT NULL,
    -- The newest time that it names: when it was opened or approved, or when its window ends.
    at INTEGER NOT NULL,
    -- The scan that met it first.
    scan INTEGER NOT NULL,
    body TEXT NOT NULL,
    UNIQUE (source, record)
);
CREATE INDEX request_by_time ON request (at);

-- The assets that a request names.
CREATE TABLE request_asset (
    asset INTEGER NOT NULL,
    request INTEGER NOT NULL,
    PRIMARY KEY (asset, request)
) WITHOUT ROWID;
CREATE INDEX request_asset_by_request ON request_asset (request);

-- Somebody got at what is inside of a system, as the scan that met the record reported it.
CREATE TABLE access (
    id INTEGER PRIMARY KEY,
    scan INTEGER NOT NULL,
    body TEXT NOT NULL
);
CREATE INDEX access_by_scan ON access (scan);

-- Who made a change and how that is known; null while no record tells.
ALTER TABLE change ADD COLUMN actor TEXT;
-- Records that come late look for the changes that they are about.
CREATE INDEX change_by_time ON change (before);
