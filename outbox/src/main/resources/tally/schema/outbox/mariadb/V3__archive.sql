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
    headers LONGTEXT,
    payload LONGBLOB NOT NULL,
    format SMALLINT NOT NULL,
    attempts INTEGER NOT NULL,
    created_at DATETIME(6) NOT NULL,
    -- When the row came here: after the broker's confirmation.
    sent_at DATETIME(6) DEFAULT (UTC_TIMESTAMP(6)) NOT NULL,
    PRIMARY KEY (id, sent_at),
    INDEX tally_outbox_archive_by_message (message_id)
) ENGINE = InnoDB ROW_FORMAT = DYNAMIC DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin
-- What comes while there is no partition for it: rows are never refused. Removed in batches.
PARTITION BY RANGE COLUMNS (sent_at) (PARTITION p_rest VALUES LESS THAN (MAXVALUE));
