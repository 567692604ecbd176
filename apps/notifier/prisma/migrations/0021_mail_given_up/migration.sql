-- What could not be written for three days was deleted, so that neither the reader nor an admin could see it. Now it is
-- kept as a mail that was given up: without a Message-ID, unless it had been begun.
ALTER TABLE mail DROP CONSTRAINT mail_state_check;
ALTER TABLE mail ADD CONSTRAINT mail_state_check CHECK (state IN ('pending', 'sent', 'refused', 'bounced', 'given-up'));
ALTER TABLE mail ALTER COLUMN message_id DROP NOT NULL;
CREATE INDEX mail_given_up ON mail (reader_id) WHERE state = 'given-up';
CREATE INDEX mail_item_age ON mail_item (created_at) WHERE mail_id IS NULL;
