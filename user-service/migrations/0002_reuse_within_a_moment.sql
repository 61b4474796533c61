-- A browser may lose the answer that carried its next token: the page was reloaded while it was on its way. For a
-- moment after its use the token before the latest is therefore good once more, where the caller is a browser.
ALTER TABLE sessions
    ADD COLUMN previous_hash bytea,
    ADD COLUMN rotated_at    timestamptz;
