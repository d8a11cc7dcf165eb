-- Version 1. Times are microseconds since 1970 UTC. "scan" columns are numbers of rows in scan; a row is valid
-- from from_scan until before to_scan, and is current while to_scan is null.

CREATE TABLE scan (
    id INTEGER PRIMARY KEY,
    started INTEGER NOT NULL,
    finished INTEGER NOT NULL,
    tally TEXT NOT NULL,
    ignored TEXT NOT NULL
);

CREATE TABLE scope (
    id INTEGER PRIMARY KEY,
    source TEXT NOT NULL,
    name TEXT NOT NULL,
    UNIQUE (source, name)
);

-- One row a scan and scope that it read: never one an asset.
CREATE TABLE scope_read (
    id INTEGER PRIMARY KEY,
    scan INTEGER NOT NULL,
    scope INTEGER NOT NULL,
    at INTEGER NOT NULL,
    complete INTEGER NOT NULL,
    troubles TEXT
);
CREATE INDEX scope_read_by_scope ON scope_read (scope, scan);

-- An id, once and for all; numbers grow in the order in which ids were met.
CREATE TABLE asset (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE
);

CREATE TABLE dictionary (
    id INTEGER PRIMARY KEY,
    bytes BLOB NOT NULL
);

-- An asset as one source saw it.
CREATE TABLE version (
    id INTEGER PRIMARY KEY,
    asset INTEGER NOT NULL,
    scope INTEGER NOT NULL,
    from_scan INTEGER NOT NULL,
    to_scan INTEGER,
    fingerprint BLOB NOT NULL,
    -- The scan that looked for it first and could not see it, while it is out of sight.
    unseen_since INTEGER,
    dictionary INTEGER NOT NULL,
    body BLOB NOT NULL
);
-- Holds all that a comparison needs, so that an unchanged scan reads no body.
CREATE INDEX version_current ON version (scope, asset, fingerprint, unseen_since) WHERE to_scan IS NULL;
CREATE INDEX version_by_asset ON version (asset);
CREATE INDEX version_ended ON version (to_scan) WHERE to_scan IS NOT NULL;

-- The newest measurements of a scope's assets, by the assets' numbers: they differ at every scan, so only the last are kept.
CREATE TABLE reading (
    scope INTEGER PRIMARY KEY,
    body BLOB NOT NULL
);

CREATE TABLE relation (
    id INTEGER PRIMARY KEY,
    scope INTEGER NOT NULL,
    from_asset INTEGER NOT NULL,
    kind INTEGER NOT NULL,
    to_asset INTEGER NOT NULL,
    from_scan INTEGER NOT NULL,
    to_scan INTEGER
);
CREATE INDEX relation_current ON relation (scope, from_asset, kind, to_asset) WHERE to_scan IS NULL;
CREATE INDEX relation_ended ON relation (to_scan) WHERE to_scan IS NOT NULL;

CREATE TABLE change (
    id INTEGER PRIMARY KEY,
    scan INTEGER NOT NULL,
    asset INTEGER NOT NULL,
    after INTEGER,
    before INTEGER NOT NULL,
    body TEXT NOT NULL
);
CREATE INDEX change_by_scan ON change (scan);
CREATE INDEX change_by_asset ON change (asset);

CREATE TABLE drift (
    id INTEGER PRIMARY KEY,
    asset INTEGER NOT NULL,
    control TEXT NOT NULL,
    expectation TEXT NOT NULL,
    from_scan INTEGER NOT NULL,
    to_scan INTEGER,
    -- 1 where the same drift goes on in another row, because it read otherwise from then on; 2 where nothing is asked about it any more.
    goes_on INTEGER NOT NULL DEFAULT 0,
    body TEXT NOT NULL
);
CREATE INDEX drift_current ON drift (asset, control, expectation) WHERE to_scan IS NULL;
CREATE INDEX drift_ended ON drift (asset, control, expectation, to_scan) WHERE to_scan IS NOT NULL;
CREATE INDEX drift_ended_by_scan ON drift (to_scan) WHERE to_scan IS NOT NULL;
