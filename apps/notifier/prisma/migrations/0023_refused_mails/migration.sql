-- Whose mails were not taken is listed beside whose were given up.
CREATE INDEX mail_refused ON mail (reader_id) WHERE state = 'refused';
