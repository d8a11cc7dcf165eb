-- Version 12: when versions were out of sight that have been seen again since (`version.unseen_since` has those that are).

CREATE TABLE unseen (
    version INTEGER NOT NULL,
    -- The first scan that looked and did not see it, and the one that saw it again.
    since INTEGER NOT NULL,
    until INTEGER NOT NULL,
    PRIMARY KEY (version, since)
) WITHOUT ROWID;
