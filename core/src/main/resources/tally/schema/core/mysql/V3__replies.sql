-- What was answered to messages and requests of the inbox, written in their transaction and given to who asks again.
-- status and headers are those of HTTP; fingerprint tells another request with the same key from a repeated one.
CREATE TABLE IF NOT EXISTS tally_reply (
    consumer_group VARCHAR(255) NOT NULL,
    message_id VARCHAR(64) NOT NULL,
    fingerprint VARCHAR(64),
    status INTEGER NOT NULL,
    content_type VARCHAR(255),
    headers LONGTEXT,
    body LONGBLOB NOT NULL,
    created_at DATETIME(6) DEFAULT (UTC_TIMESTAMP(6)) NOT NULL,
    PRIMARY KEY (consumer_group, message_id),
    INDEX tally_reply_by_age (created_at)
) ENGINE = InnoDB ROW_FORMAT = DYNAMIC DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_0900_bin;
