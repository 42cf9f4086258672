-- What people do with the outbox. Nodes of the version before know nothing of this, and go on beside the new ones; they do not
-- stop for a pause.

-- One row while the outbox is paused: nothing is sent then, by any node.
CREATE TABLE IF NOT EXISTS tally_outbox_pause (
    id INTEGER NOT NULL,
    paused_by VARCHAR(200) NOT NULL,
    reason VARCHAR(1000) NOT NULL,
    paused_at DATETIME(6) DEFAULT (UTC_TIMESTAMP(6)) NOT NULL,
    PRIMARY KEY (id)
) ENGINE = InnoDB ROW_FORMAT = DYNAMIC DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin;

-- What was in a parked row before a person edited or discarded it. Never removed by Tally.
CREATE TABLE IF NOT EXISTS tally_outbox_revision (
    revision BIGINT AUTO_INCREMENT NOT NULL,
    kept_at DATETIME(6) DEFAULT (UTC_TIMESTAMP(6)) NOT NULL,
    action VARCHAR(60) NOT NULL,
    row_id BIGINT NOT NULL,
    message_id VARCHAR(64) NOT NULL,
    topic VARCHAR(255) NOT NULL,
    tag VARCHAR(255),
    msg_key VARCHAR(1024),
    type VARCHAR(255) NOT NULL,
    headers LONGTEXT,
    payload LONGBLOB NOT NULL,
    PRIMARY KEY (revision)
) ENGINE = InnoDB ROW_FORMAT = DYNAMIC DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin;

-- 1 while the node's circuit is open: its sends fail one after the other. Written with the heartbeat.
ALTER TABLE tally_outbox_node ADD COLUMN IF NOT EXISTS circuit_open SMALLINT DEFAULT 0 NOT NULL;
