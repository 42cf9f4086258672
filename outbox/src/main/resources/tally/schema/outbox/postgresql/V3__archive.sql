-- format: how headers and payload are written into the row; what writes nothing here writes 1. A node that reads a number
-- above those it knows parks the row, since its message would be another one than was published.
ALTER TABLE tally_outbox ADD COLUMN IF NOT EXISTS format SMALLINT DEFAULT 1 NOT NULL;

-- Sent rows, where they are kept (tally.outbox.retention=archive). Nothing refers to them but people. A partition for each
-- day or month is created ahead, and dropped when all of its rows are old.
CREATE TABLE IF NOT EXISTS tally_outbox_archive (
    id BIGINT NOT NULL,
    message_id VARCHAR(64) NOT NULL,
    topic VARCHAR(255) NOT NULL,
    tag VARCHAR(255),
    msg_key VARCHAR(1024),
    type VARCHAR(255) NOT NULL,
    headers TEXT,
    payload BYTEA NOT NULL,
    format SMALLINT NOT NULL,
    attempts INTEGER NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    -- When the row came here: after the broker's confirmation.
    sent_at TIMESTAMP WITH TIME ZONE DEFAULT CURRENT_TIMESTAMP NOT NULL,
    CONSTRAINT tally_outbox_archive_pk PRIMARY KEY (id, sent_at)
) PARTITION BY RANGE (sent_at);

CREATE INDEX IF NOT EXISTS tally_outbox_archive_by_message ON tally_outbox_archive (message_id);

-- What comes while there is no partition for it: rows are never refused. Removed in batches.
CREATE TABLE IF NOT EXISTS tally_outbox_archive_rest PARTITION OF tally_outbox_archive DEFAULT;
