-- Times are UTC. The collation tells upper from lower case and trailing spaces apart, in keys and everywhere else.

-- Local transactions that have half messages: one row for each, written in that transaction (COMMITTED),
-- or by a check-back that came first (ROLLED_BACK). The primary key lets only one of the two happen.
-- Ids begin with their time, so that the oldest rows come first in the primary key; there is no index by age.
CREATE TABLE IF NOT EXISTS tally_transaction (
    transaction_id VARCHAR(64) NOT NULL,
    state VARCHAR(16) NOT NULL,
    created_at DATETIME(6) DEFAULT (UTC_TIMESTAMP(6)) NOT NULL,
    PRIMARY KEY (transaction_id),
    CONSTRAINT tally_transaction_state CHECK (state IN ('COMMITTED', 'ROLLED_BACK'))
) ENGINE = InnoDB ROW_FORMAT = DYNAMIC DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin;

-- Which messages a consumer group has handled, written in the handler's transaction.
CREATE TABLE IF NOT EXISTS tally_inbox (
    consumer_group VARCHAR(255) NOT NULL,
    message_id VARCHAR(64) NOT NULL,
    handled_at DATETIME(6) DEFAULT (UTC_TIMESTAMP(6)) NOT NULL,
    PRIMARY KEY (consumer_group, message_id),
    INDEX tally_inbox_by_age (handled_at)
) ENGINE = InnoDB ROW_FORMAT = DYNAMIC DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin;
