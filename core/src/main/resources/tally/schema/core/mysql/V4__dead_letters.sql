-- Messages that a consumer group could not handle, with the reason. They stay until people replay or discard them.
CREATE TABLE IF NOT EXISTS tally_dead_letter (
    consumer_group VARCHAR(255) NOT NULL,
    message_id VARCHAR(64) NOT NULL,
    topic VARCHAR(255) NOT NULL,
    tag VARCHAR(255),
    msg_key VARCHAR(1024),
    type VARCHAR(255) NOT NULL,
    -- A JSON object of strings; null for none.
    headers LONGTEXT,
    payload LONGBLOB NOT NULL,
    attempts INTEGER NOT NULL,
    reason VARCHAR(1000) NOT NULL,
    -- The class of the exception at the root, and the head of its stack; null where there was none.
    exception VARCHAR(255),
    stack VARCHAR(4000),
    -- When the broker stored the message; microseconds since 1970, null where that is not known.
    stored_at BIGINT,
    dead_at DATETIME(6) DEFAULT (UTC_TIMESTAMP(6)) NOT NULL,
    -- When it is replayed; microseconds since 1970, null where nobody asked for that.
    replay_at BIGINT,
    replay_forced SMALLINT DEFAULT 0 NOT NULL,
    PRIMARY KEY (consumer_group, message_id),
    INDEX tally_dead_letter_by_age (dead_at),
    INDEX tally_dead_letter_by_replay (replay_at),
    INDEX tally_dead_letter_by_key (msg_key(255))
) ENGINE = InnoDB ROW_FORMAT = DYNAMIC DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_0900_bin;
