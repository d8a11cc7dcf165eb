-- Version 6: the changes of which nothing was told yet, because the sources of change requests were to be read first.

CREATE INDEX decision_early ON decision (notice) WHERE hold = '"trackers-to-come"';
