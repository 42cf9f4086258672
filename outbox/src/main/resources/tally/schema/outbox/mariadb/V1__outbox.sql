-- Times are UTC. The collation compares bytes: the relay steps from owner to owner in that order.

-- Messages that wait for their broker. A row is there from its transaction's commit until the broker has confirmed it.
CREATE TABLE IF NOT EXISTS tally_outbox (
    id BIGINT AUTO_INCREMENT NOT NULL,
    -- Under which node's name the row was written; '-' for nobody's, '!parked' for rows that wait for a person.
    owner VARCHAR(100) NOT NULL,
    state VARCHAR(10) DEFAULT 'PENDING' NOT NULL,
    message_id VARCHAR(64) NOT NULL,
    topic VARCHAR(255) NOT NULL,
    tag VARCHAR(255),
    msg_key VARCHAR(1024),
    type VARCHAR(255) NOT NULL,
    -- A JSON object of strings; null for none.
    headers LONGTEXT,
    payload LONGBLOB NOT NULL,
    attempts INTEGER DEFAULT 0 NOT NULL,
    last_error VARCHAR(1000),
    created_at DATETIME(6) DEFAULT (UTC_TIMESTAMP(6)) NOT NULL,
    -- Rows lie in the order of their ids, so that new ones never go between others.
    PRIMARY KEY (id),
    INDEX tally_outbox_by_owner (owner, id)
) ENGINE = InnoDB ROW_FORMAT = DYNAMIC DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin;

-- Owners and the nodes that keep them. A node's own row (node_id = keeper) has the heartbeat.
CREATE TABLE IF NOT EXISTS tally_outbox_node (
    node_id VARCHAR(100) NOT NULL,
    keeper VARCHAR(100) NOT NULL,
    -- The name of the process's place: a new process with the same name follows the old one at once.
    instance VARCHAR(255),
    heartbeat_at DATETIME(6) NOT NULL,
    PRIMARY KEY (node_id)
) ENGINE = InnoDB ROW_FORMAT = DYNAMIC DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin;
