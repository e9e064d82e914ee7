PRAGMA foreign_keys=OFF;
BEGIN TRANSACTION;
CREATE TABLE kanaal (id INTEGER PRIMARY KEY, naam TEXT NOT NULL UNIQUE, first INTEGER NOT NULL) STRICT;
INSERT INTO kanaal VALUES(1,'zaken',0);
INSERT INTO kanaal VALUES(2,'leeg',1);
CREATE TABLE record (place INTEGER PRIMARY KEY, appended INTEGER NOT NULL, body BLOB NOT NULL) STRICT;
INSERT INTO record VALUES(1099511627776,5000000000,X'01020563655f69640365656e0c636f6e74656e742d74797065106170706c69636174696f6e2f6a736f6e067a61616b2d310165656e');
INSERT INTO record VALUES(1099511627777,5000000000,X'01020563655f696404747765650c636f6e74656e742d74797065106170706c69636174696f6e2f6a736f6e0000');
INSERT INTO record VALUES(1099511627778,5000000000,X'0100067a61616b2d3301');
CREATE TABLE control (kind TEXT NOT NULL, id TEXT NOT NULL, body TEXT NOT NULL, PRIMARY KEY (kind, id))
            STRICT, WITHOUT ROWID;
INSERT INTO control VALUES('applicatie','open-zaak','{"kind":"applicatie","v":1,"client_id":"open-zaak","secrets":[{"key":"k1","ciphertext":"AAEC/w=="}],"scopes":["notificaties.publiceren","notificaties.consumeren"],"source":null}');
INSERT INTO control VALUES('declared','','{"kind":"declared","v":1,"revision":3}');
INSERT INTO control VALUES('kanaal','zaken','{"kind":"kanaal","v":1,"id":"00000000-0000-0000-0000-000000000001","naam":"zaken","documentatie_link":"https://example.com/doc","filters":[{"naam":"bronorganisatie","attribute":"bronorganisatie"},{"naam":"zaaktype.catalogus","attribute":"zaaktypecatalogus"}],"type_routes":["nl.overheid.zaken"],"source":"urn:nld:oin:00000001823288444000:systeem:zaken","retention_seconds":86400,"created":1000000000}');
INSERT INTO control VALUES('run','00000000-0000-0000-0000-000000000014','{"kind":"run","v":1,"id":"00000000-0000-0000-0000-000000000014","subscription":"00000000-0000-0000-0000-00000000000a","what":{"replay":[{"kanaal":"zaken","partition":0,"from":3,"until":9}]},"asked_by":"beheer","created":2000000000}');
INSERT INTO control VALUES('subscription','00000000-0000-0000-0000-00000000000a','{"kind":"subscription","v":1,"id":"00000000-0000-0000-0000-00000000000a","owner":"open-zaak","selection":{"native":{"kanalen":["zaken"],"born":null,"types":[],"source":null,"filters":[],"kenmerken":[]}},"sink":"https://sink.example.com/10","credential":{"authorization":{"key":"k1","ciphertext":"AAEC/w=="}},"headers":[["x-afdeling","burgerzaken"]],"format":"structured","order":"none","retry":{"max_retries":5,"factor":3000,"base":2000,"cap_micros":48000000,"jitter":0,"ladder_only":false},"max_in_flight":8,"requested_rate":null,"validation":"handshake","consent":{"validating":{"attempts":0,"not_before":1000000000,"last":null}},"generation":1,"callback_secret":{"key":"k1","ciphertext":"AAEC/w=="},"status":"active","start":[["zaken",0,7]],"expires":null,"created":1000000000,"changed":1000000000}');
CREATE TABLE progress (key BLOB PRIMARY KEY, value BLOB NOT NULL) STRICT, WITHOUT ROWID;
INSERT INTO progress VALUES(X'0100087a616b656e20c3a900',X'01008480808010');
INSERT INTO progress VALUES(X'0100087a616b656e20c3a903',X'010000');
INSERT INTO progress VALUES(X'010100000000000000000000000000000001087a616b656e20c3a900',X'0101');
INSERT INTO progress VALUES(X'010100000000000000000000000000000002087a616b656e20c3a900',X'0100ac02');
INSERT INTO progress VALUES(X'010200000000000000000000000000000001057a616b656e000700',X'010200fbffffffffffffff');
INSERT INTO progress VALUES(X'010200000000000000000000000000000001057a616b656e00070100000000000000000000000000000063',X'01020587d6120000000000');
INSERT INTO progress VALUES(X'01031668747470733a2f2f622e6578616d706c652e636f6d2f',X'0103000187d61200000000000187d6120000000000');
INSERT INTO progress VALUES(X'01031a68747470733a2f2f612e6578616d706c652e636f6d2f3f783d31',X'01030187d61200000000000000');
INSERT INTO progress VALUES(X'010400000000000000000000000000000063087a616b656e20c3a900',X'01000c');
CREATE TABLE dead_letter (
            number INTEGER PRIMARY KEY, id BLOB NOT NULL UNIQUE, subscription BLOB NOT NULL, kanaal TEXT NOT NULL,
            partition INTEGER NOT NULL, position INTEGER NOT NULL, run BLOB NOT NULL, event_id TEXT NOT NULL,
            source TEXT NOT NULL, kind TEXT NOT NULL, outcome INTEGER NOT NULL, reason TEXT NOT NULL,
            last_status INTEGER, attempts INTEGER NOT NULL, at INTEGER NOT NULL, record BLOB NOT NULL,
            UNIQUE (subscription, kanaal, partition, position, run)) STRICT;
INSERT INTO dead_letter VALUES(1,X'0000000000000000000000000000004d',X'0000000000000000000000000000000a','zaken',0,1,X'00000000000000000000000000000014','id-1','urn:nld:x','nl.overheid.zaken.zaak-gemaakt',1,'422',422,1,6000000000,X'01020563655f69640365656e0c636f6e74656e742d74797065106170706c69636174696f6e2f6a736f6e067a61616b2d310165656e');
CREATE INDEX dead_letter_at ON dead_letter (at);
COMMIT;
PRAGMA application_id = 1313621879;
PRAGMA user_version = 1;
