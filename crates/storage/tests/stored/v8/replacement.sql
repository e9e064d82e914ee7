INSERT INTO "name" VALUES(1,1,'weg');
INSERT INTO "replacement" VALUES(3,1,'k1',X'000102FF');
