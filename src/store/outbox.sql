-- Version 5: what was worth telling, what was decided about it, and the messages that follow from that.

-- Something worth telling. Written by the scan that found it, in its transaction.
CREATE TABLE notice (
    id INTEGER PRIMARY KEY,
    -- The scan that found it; null where a clock did.
    scan INTEGER,
    at INTEGER NOT NULL,
    subject TEXT NOT NULL,
    what TEXT NOT NULL,
    body TEXT NOT NULL
);
CREATE INDEX notice_by_subject ON notice (subject, id);
CREATE INDEX notice_by_time ON notice (at);
CREATE INDEX notice_waived ON notice (subject) WHERE what = 'waived';

-- A message to one channel, and how far it has come.
CREATE TABLE delivery (
    id INTEGER PRIMARY KEY,
    channel TEXT NOT NULL,
    -- Whose thread it belongs to.
    subject TEXT NOT NULL,
    -- By which the platform, or whoever reads, knows it again.
    key TEXT NOT NULL UNIQUE,
    -- planned; sending: it may have arrived; sent; given-up.
    state TEXT NOT NULL,
    severity INTEGER NOT NULL,
    at INTEGER NOT NULL,
    due INTEGER NOT NULL,
    attempts INTEGER NOT NULL DEFAULT 0,
    sending_since INTEGER,
    ended INTEGER,
    -- By which the platform knows it.
    remote TEXT,
    why TEXT,
    job TEXT NOT NULL,
    -- What became of what it tells, as its platform shows it.
    since TEXT
);
CREATE INDEX delivery_open ON delivery (channel, subject, id) WHERE state IN ('planned', 'sending');
CREATE INDEX delivery_due ON delivery (due) WHERE state IN ('planned', 'sending');

-- What was decided about a notice for one channel.
CREATE TABLE decision (
    notice INTEGER NOT NULL,
    channel TEXT NOT NULL,
    -- Why it is held, as JSON; null where it is sent.
    hold TEXT,
    -- 1 where it was said that its subject comes and goes again and again.
    flapping INTEGER NOT NULL,
    delivery INTEGER,
    PRIMARY KEY (notice, channel)
) WITHOUT ROWID;
CREATE INDEX decision_by_delivery ON decision (delivery) WHERE delivery IS NOT NULL;
CREATE INDEX decision_digested ON decision (channel, notice) WHERE delivery IS NULL AND hold = '"digested"';

-- Every attempt to send something.
CREATE TABLE delivery_log (
    id INTEGER PRIMARY KEY,
    delivery INTEGER NOT NULL,
    at INTEGER NOT NULL,
    what TEXT NOT NULL,
    why TEXT
);
CREATE INDEX delivery_log_by_delivery ON delivery_log (delivery);

-- The first message of a subject in a channel: what comes later goes on there.
CREATE TABLE thread (
    channel TEXT NOT NULL,
    subject TEXT NOT NULL,
    delivery INTEGER NOT NULL,
    PRIMARY KEY (channel, subject)
) WITHOUT ROWID;

-- Which message announces a change in the channel for change control.
CREATE TABLE announcement (
    change INTEGER PRIMARY KEY,
    delivery INTEGER NOT NULL
);

-- When something was done last, or until when it waits.
CREATE TABLE mark (
    name TEXT PRIMARY KEY,
    at INTEGER NOT NULL
) WITHOUT ROWID;
