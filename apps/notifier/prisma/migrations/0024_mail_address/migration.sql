-- A bounce that comes late is about the address that the mail went to, and the reader may have another by then. The
-- address itself stays in contact. Null: of a mail from before.
ALTER TABLE mail ADD COLUMN address_hash bytea;
