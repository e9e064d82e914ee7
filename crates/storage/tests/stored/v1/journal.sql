PRAGMA foreign_keys=OFF;
BEGIN TRANSACTION;
CREATE TABLE name (id INTEGER PRIMARY KEY, name BLOB NOT NULL UNIQUE) STRICT;
INSERT INTO name VALUES(1,X'6b7a616b656e');
INSERT INTO name VALUES(2,X'730000000000000000000000000000000a');
CREATE TABLE indexed (kanaal INTEGER NOT NULL, partition INTEGER NOT NULL, mark INTEGER NOT NULL,
            PRIMARY KEY (kanaal, partition)) STRICT, WITHOUT ROWID;
INSERT INTO "indexed" VALUES(1,0,2);
CREATE TABLE event (
            kanaal INTEGER NOT NULL, partition INTEGER NOT NULL, position INTEGER NOT NULL, appended INTEGER NOT NULL,
            id TEXT NOT NULL, source TEXT NOT NULL, kind TEXT NOT NULL, subject TEXT,
            PRIMARY KEY (kanaal, partition, position)) STRICT, WITHOUT ROWID;
INSERT INTO event VALUES(1,0,1,5000000000,'id-1','urn:nld:x','nl.overheid.zaken.zaak-gemaakt','zaak-1');
CREATE TABLE delivery (
            kanaal INTEGER NOT NULL, partition INTEGER NOT NULL, position INTEGER NOT NULL,
            subscription INTEGER NOT NULL, run INTEGER NOT NULL, at INTEGER NOT NULL, outcome INTEGER,
            attempts INTEGER NOT NULL, started INTEGER, micros INTEGER, status INTEGER, failure TEXT, excerpt TEXT,
            PRIMARY KEY (kanaal, partition, position, subscription, run)) STRICT, WITHOUT ROWID;
INSERT INTO delivery VALUES(1,0,1,2,0,5003000000,2,2,5002000000,12345,NULL,'tijd op','kapot é');
CREATE TABLE attempt (
            kanaal INTEGER NOT NULL, partition INTEGER NOT NULL, position INTEGER NOT NULL,
            subscription INTEGER NOT NULL, run INTEGER NOT NULL, number INTEGER NOT NULL, started INTEGER NOT NULL,
            micros INTEGER NOT NULL, status INTEGER, failure TEXT, excerpt TEXT,
            PRIMARY KEY (kanaal, partition, position, subscription, run, number)) STRICT, WITHOUT ROWID;
INSERT INTO attempt VALUES(1,0,1,2,0,1,5001000000,12345,500,NULL,'kapot é');
CREATE TABLE settled_range (
            id INTEGER PRIMARY KEY, kanaal INTEGER NOT NULL, partition INTEGER NOT NULL, first INTEGER NOT NULL,
            until INTEGER NOT NULL, subscription INTEGER NOT NULL, at INTEGER NOT NULL, outcome INTEGER NOT NULL) STRICT;
INSERT INTO settled_range VALUES(1,1,0,2,3,2,5004000000,5);
CREATE INDEX event_id ON event (id);
CREATE INDEX event_appended ON event (appended);
CREATE INDEX event_kanaal ON event (kanaal, appended);
CREATE INDEX event_source ON event (source, appended);
CREATE INDEX event_subject ON event (subject, appended) WHERE subject IS NOT NULL;
CREATE INDEX delivery_at ON delivery (at);
CREATE INDEX delivery_subscription ON delivery (subscription, at);
CREATE INDEX delivery_run ON delivery (run, at) WHERE run > 0;
CREATE INDEX delivery_failed ON delivery (outcome, at) WHERE outcome > 0;
CREATE INDEX attempt_started ON attempt (started);
CREATE INDEX settled_range_at ON settled_range (at);
COMMIT;
PRAGMA application_id = 1313622638;
PRAGMA user_version = 1;
