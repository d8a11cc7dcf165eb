-- Version 7: what is asked as of a scan.

-- The changes of scans before that a scan judged anew.
CREATE INDEX verdict_by_scan ON verdict (scan);
