BEGIN TRANSACTION;
CREATE TABLE asset (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE
);
INSERT INTO "asset" VALUES(1,'app:shop/web');
INSERT INTO "asset" VALUES(2,'database:shop/orders');
CREATE TABLE change (
    id INTEGER PRIMARY KEY,
    scan INTEGER NOT NULL,
    asset INTEGER NOT NULL,
    after INTEGER,
    before INTEGER NOT NULL,
    body TEXT NOT NULL
);
INSERT INTO "change" VALUES(1,2,2,1795650660620403,1795650661941913,'{"asset":"database:shop/orders","asset_kind":"database","asset_name":"orders","kind":"modified","paths":[{"path":"image","from":"postgres:16.1","to":"postgres:16.2"},{"path":"version","from":"16.1","to":"16.2"}]}');
CREATE TABLE dictionary (
    id INTEGER PRIMARY KEY,
    bytes BLOB NOT NULL
);
INSERT INTO "dictionary" VALUES(1,X'7B226964223A226170703A73686F702F776562222C226B696E64223A22617070222C226E616D65223A22776562222C2273636F7065223A22657374617465222C226C6162656C73223A7B22706C696D736F6C6C2E656E7669726F6E6D656E74223A2270726F64756374696F6E227D7D7B226964223A2264617461626173653A73686F702F6F7264657273222C226B696E64223A226461746162617365222C226E616D65223A226F7264657273222C2273636F7065223A22657374617465222C226C6162656C73223A7B22706C696D736F6C6C2E656E7669726F6E6D656E74223A2270726F64756374696F6E222C22706C696D736F6C6C2E726F6C65223A226461746162617365227D2C226661637473223A7B22696D616765223A7B2276616C7565223A22706F7374677265733A31362E31222C22686F77223A227265706F72746564227D2C2276657273696F6E223A7B2276616C7565223A2231362E31222C22686F77223A227265706F72746564227D7D7D');
CREATE TABLE drift (
    id INTEGER PRIMARY KEY,
    asset INTEGER NOT NULL,
    control TEXT NOT NULL,
    expectation TEXT NOT NULL,
    from_scan INTEGER NOT NULL,
    to_scan INTEGER,
    -- 1 where the same drift goes on in another row, because it read otherwise from then on.
    goes_on INTEGER NOT NULL DEFAULT 0,
    body TEXT NOT NULL
);
INSERT INTO "drift" VALUES(1,2,'encrypted-at-rest','encrypted-at-rest',1,NULL,0,'{"asset":"database:shop/orders","kind":"database","name":"orders","role":"database","environment":"production","control":"encrypted-at-rest","expectation":"encrypted-at-rest","status":"unknown","severity":"high","expected":"what holds its data is encrypted","actual":"no source says `mounts`","how":"unknown","basis":"no source says `mounts`","facts":["encryption.at-rest","mounts","mountpoint","mountpoints","relations"],"since":"2026-11-25T23:51:00.629734Z","state":"new","change":null}');
INSERT INTO "drift" VALUES(2,2,'encrypted-in-transit','encrypted-in-transit',1,NULL,0,'{"asset":"database:shop/orders","kind":"database","name":"orders","role":"database","environment":"production","control":"encrypted-in-transit","expectation":"encrypted-in-transit","status":"unknown","severity":"high","expected":"TLS 1.2 or later on every public port","actual":"no source says `ports`","how":"unknown","basis":"no source says `ports`","facts":["ports"],"since":"2026-11-25T23:51:00.629734Z","state":"new","change":null}');
INSERT INTO "drift" VALUES(3,2,'environments-separated','environments-separated',1,NULL,0,'{"asset":"database:shop/orders","kind":"database","name":"orders","role":"database","environment":"production","control":"environments-separated","expectation":"environments-separated","status":"unknown","severity":"high","expected":"nothing shared between production and another environment","actual":"no relation says what it runs on or uses","how":"unknown","basis":"no relation says what it runs on or uses","facts":["relations","labels"],"since":"2026-11-25T23:51:00.629734Z","state":"new","change":null}');
INSERT INTO "drift" VALUES(4,2,'frontend-backend-separated','frontend-backend-separated',1,NULL,0,'{"asset":"database:shop/orders","kind":"database","name":"orders","role":"database","environment":"production","control":"frontend-backend-separated","expectation":"frontend-backend-separated","status":"unknown","severity":"medium","expected":"no server with both front ends and back ends","actual":"which host it runs on is not known","how":"unknown","basis":"which host it runs on is not known","facts":["relations"],"since":"2026-11-25T23:51:00.629734Z","state":"new","change":null}');
INSERT INTO "drift" VALUES(5,2,'ports-allowed','ports-allowed',1,NULL,0,'{"asset":"database:shop/orders","kind":"database","name":"orders","role":"database","environment":"production","control":"ports-allowed","expectation":"ports-allowed","status":"unknown","severity":"high","expected":"no public port","actual":"no source says `ports`","how":"unknown","basis":"no source says `ports`","facts":["ports"],"since":"2026-11-25T23:51:00.629734Z","state":"new","change":null}');
INSERT INTO "drift" VALUES(6,2,'time-synchronised','time-synchronised',1,NULL,0,'{"asset":"database:shop/orders","kind":"database","name":"orders","role":"database","environment":"production","control":"time-synchronised","expectation":"time-synchronised","status":"unknown","severity":"medium","expected":"synchronised, error under 1 s, skew under 2 s","actual":"which host it runs on is not known","how":"unknown","basis":"which host it runs on is not known","facts":["clock.synchronised","clock.max-error-us","clock.skew-ms","clock.skew-bound-ms"],"since":"2026-11-25T23:51:00.629734Z","state":"new","change":null}');
CREATE TABLE reading (
    scope INTEGER PRIMARY KEY,
    body BLOB NOT NULL
);
INSERT INTO "reading" VALUES(1,X'28B52FFD20021100005B5D');
CREATE TABLE relation (
    id INTEGER PRIMARY KEY,
    scope INTEGER NOT NULL,
    from_asset INTEGER NOT NULL,
    kind INTEGER NOT NULL,
    to_asset INTEGER NOT NULL,
    from_scan INTEGER NOT NULL,
    to_scan INTEGER
);
INSERT INTO "relation" VALUES(1,1,1,1,2,1,NULL);
CREATE TABLE scan (
    id INTEGER PRIMARY KEY,
    started INTEGER NOT NULL,
    finished INTEGER NOT NULL,
    tally TEXT NOT NULL,
    ignored TEXT NOT NULL
);
INSERT INTO "scan" VALUES(1,1795650660592655,1795650660629734,'{"approver-authorised":{"pass":0,"fail":0,"unknown":0,"not_applicable":0,"ignored":0},"backup-present":{"pass":0,"fail":0,"unknown":0,"not_applicable":0,"ignored":0},"branch-protected":{"pass":0,"fail":0,"unknown":0,"not_applicable":0,"ignored":0},"change-approved":{"pass":0,"fail":0,"unknown":0,"not_applicable":0,"ignored":0},"change-logged":{"pass":0,"fail":0,"unknown":0,"not_applicable":0,"ignored":0},"change-reviewed":{"pass":0,"fail":0,"unknown":0,"not_applicable":0,"ignored":0},"change-tested":{"pass":0,"fail":0,"unknown":0,"not_applicable":0,"ignored":0},"change-ticketed":{"pass":0,"fail":0,"unknown":0,"not_applicable":0,"ignored":0},"change-window":{"pass":0,"fail":0,"unknown":0,"not_applicable":0,"ignored":0},"declared-state-matches":{"pass":0,"fail":0,"unknown":0,"not_applicable":0,"ignored":0},"emergency-signed-off":{"pass":0,"fail":0,"unknown":0,"not_applicable":0,"ignored":0},"encrypted-at-rest":{"pass":0,"fail":0,"unknown":1,"not_applicable":0,"ignored":0},"encrypted-in-transit":{"pass":0,"fail":0,"unknown":1,"not_applicable":0,"ignored":0},"environment-tagged":{"pass":2,"fail":0,"unknown":0,"not_applicable":0,"ignored":0},"environments-separated":{"pass":0,"fail":0,"unknown":1,"not_applicable":0,"ignored":0},"frontend-backend-separated":{"pass":0,"fail":0,"unknown":1,"not_applicable":0,"ignored":0},"image-current":{"pass":0,"fail":0,"unknown":0,"not_applicable":1,"ignored":0},"image-pinned":{"pass":0,"fail":0,"unknown":0,"not_applicable":1,"ignored":0},"implementer-authorised":{"pass":0,"fail":0,"unknown":0,"not_applicable":0,"ignored":0},"inventory-reconciled":{"pass":0,"fail":0,"unknown":0,"not_applicable":0,"ignored":0},"least-privilege":{"pass":0,"fail":0,"unknown":0,"not_applicable":2,"ignored":0},"logs-shipped":{"pass":0,"fail":0,"unknown":0,"not_applicable":0,"ignored":0},"ports-allowed":{"pass":0,"fail":0,"unknown":1,"not_applicable":0,"ignored":0},"secrets-managed":{"pass":0,"fail":0,"unknown":0,"not_applicable":1,"ignored":0},"sensitive-data-contained":{"pass":0,"fail":0,"unknown":0,"not_applicable":0,"ignored":0},"separation-of-duties":{"pass":0,"fail":0,"unknown":0,"not_applicable":0,"ignored":0},"staging-mirrors-production":{"pass":0,"fail":0,"unknown":0,"not_applicable":0,"ignored":0},"staging-soak":{"pass":0,"fail":0,"unknown":0,"not_applicable":0,"ignored":0},"system-approved":{"pass":0,"fail":0,"unknown":0,"not_applicable":0,"ignored":0},"system-inspected":{"pass":0,"fail":0,"unknown":0,"not_applicable":0,"ignored":0},"time-restricted":{"pass":0,"fail":0,"unknown":0,"not_applicable":1,"ignored":0},"time-synchronised":{"pass":0,"fail":0,"unknown":1,"not_applicable":0,"ignored":0},"vulnerabilities-triaged":{"pass":0,"fail":0,"unknown":0,"not_applicable":0,"ignored":0}}','[]');
INSERT INTO "scan" VALUES(2,1795650661935298,1795650661945543,'{"approver-authorised":{"pass":0,"fail":0,"unknown":0,"not_applicable":0,"ignored":0},"backup-present":{"pass":0,"fail":0,"unknown":0,"not_applicable":0,"ignored":0},"branch-protected":{"pass":0,"fail":0,"unknown":0,"not_applicable":0,"ignored":0},"change-approved":{"pass":0,"fail":0,"unknown":0,"not_applicable":0,"ignored":0},"change-logged":{"pass":0,"fail":0,"unknown":0,"not_applicable":0,"ignored":0},"change-reviewed":{"pass":0,"fail":0,"unknown":0,"not_applicable":0,"ignored":0},"change-tested":{"pass":0,"fail":0,"unknown":0,"not_applicable":0,"ignored":0},"change-ticketed":{"pass":0,"fail":0,"unknown":0,"not_applicable":0,"ignored":0},"change-window":{"pass":0,"fail":0,"unknown":0,"not_applicable":0,"ignored":0},"declared-state-matches":{"pass":0,"fail":0,"unknown":0,"not_applicable":0,"ignored":0},"emergency-signed-off":{"pass":0,"fail":0,"unknown":0,"not_applicable":0,"ignored":0},"encrypted-at-rest":{"pass":0,"fail":0,"unknown":1,"not_applicable":0,"ignored":0},"encrypted-in-transit":{"pass":0,"fail":0,"unknown":1,"not_applicable":0,"ignored":0},"environment-tagged":{"pass":2,"fail":0,"unknown":0,"not_applicable":0,"ignored":0},"environments-separated":{"pass":0,"fail":0,"unknown":1,"not_applicable":0,"ignored":0},"frontend-backend-separated":{"pass":0,"fail":0,"unknown":1,"not_applicable":0,"ignored":0},"image-current":{"pass":0,"fail":0,"unknown":0,"not_applicable":1,"ignored":0},"image-pinned":{"pass":0,"fail":0,"unknown":0,"not_applicable":1,"ignored":0},"implementer-authorised":{"pass":0,"fail":0,"unknown":0,"not_applicable":0,"ignored":0},"inventory-reconciled":{"pass":0,"fail":0,"unknown":0,"not_applicable":0,"ignored":0},"least-privilege":{"pass":0,"fail":0,"unknown":0,"not_applicable":2,"ignored":0},"logs-shipped":{"pass":0,"fail":0,"unknown":0,"not_applicable":0,"ignored":0},"ports-allowed":{"pass":0,"fail":0,"unknown":1,"not_applicable":0,"ignored":0},"secrets-managed":{"pass":0,"fail":0,"unknown":0,"not_applicable":1,"ignored":0},"sensitive-data-contained":{"pass":0,"fail":0,"unknown":0,"not_applicable":0,"ignored":0},"separation-of-duties":{"pass":0,"fail":0,"unknown":0,"not_applicable":0,"ignored":0},"staging-mirrors-production":{"pass":0,"fail":0,"unknown":0,"not_applicable":0,"ignored":0},"staging-soak":{"pass":0,"fail":0,"unknown":0,"not_applicable":0,"ignored":0},"system-approved":{"pass":0,"fail":0,"unknown":0,"not_applicable":0,"ignored":0},"system-inspected":{"pass":0,"fail":0,"unknown":0,"not_applicable":0,"ignored":0},"time-restricted":{"pass":0,"fail":0,"unknown":0,"not_applicable":1,"ignored":0},"time-synchronised":{"pass":0,"fail":0,"unknown":1,"not_applicable":0,"ignored":0},"vulnerabilities-triaged":{"pass":0,"fail":0,"unknown":0,"not_applicable":0,"ignored":0}}','[]');
CREATE TABLE scope (
    id INTEGER PRIMARY KEY,
    source TEXT NOT NULL,
    name TEXT NOT NULL,
    UNIQUE (source, name)
);
INSERT INTO "scope" VALUES(1,'estate','estate');
CREATE TABLE scope_read (
    id INTEGER PRIMARY KEY,
    scan INTEGER NOT NULL,
    scope INTEGER NOT NULL,
    at INTEGER NOT NULL,
    complete INTEGER NOT NULL,
    troubles TEXT
);
INSERT INTO "scope_read" VALUES(1,1,1,1795650660620403,1,NULL);
INSERT INTO "scope_read" VALUES(2,2,1,1795650661941213,1,NULL);
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
INSERT INTO "version" VALUES(1,1,1,1,NULL,X'84525CFA8CC4BA7EEF313C2209050637',NULL,1,X'28B52FFD206F550000000200A56E1318B80B08');
INSERT INTO "version" VALUES(2,2,1,1,2,X'C594BEBE5CCAEF79DB4939F9D6E9DDAF',NULL,1,X'28B52FFD6003004500000001000006EA0202');
INSERT INTO "version" VALUES(3,2,1,2,NULL,X'8FDD0CE8A50B5B1C2CFDF6E6500C0152',NULL,1,X'28B52FFD6003006D00001032320300E013C03C9F01B582');
CREATE INDEX scope_read_by_scope ON scope_read (scope, scan);
CREATE INDEX version_current ON version (scope, asset, fingerprint, unseen_since) WHERE to_scan IS NULL;
CREATE INDEX version_by_asset ON version (asset);
CREATE INDEX version_ended ON version (to_scan) WHERE to_scan IS NOT NULL;
CREATE INDEX relation_current ON relation (scope, from_asset, kind, to_asset) WHERE to_scan IS NULL;
CREATE INDEX relation_ended ON relation (to_scan) WHERE to_scan IS NOT NULL;
CREATE INDEX change_by_scan ON change (scan);
CREATE INDEX change_by_asset ON change (asset);
CREATE INDEX drift_current ON drift (asset, control, expectation) WHERE to_scan IS NULL;
CREATE INDEX drift_ended ON drift (asset, control, expectation, to_scan) WHERE to_scan IS NOT NULL;
CREATE INDEX drift_ended_by_scan ON drift (to_scan) WHERE to_scan IS NOT NULL;
COMMIT;