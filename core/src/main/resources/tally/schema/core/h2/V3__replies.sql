-- What was answered to messages and requests of the inbox, written in their transaction and given to who asks again.
-- status and headers are those of HTTP; fingerprint tells another request with the same key from a repeated one.
CREATE TABLE IF NOT EXISTS tally_reply (
    consumer_group VARCHAR(255) NOT NULL,
    message_id VARCHAR(64) NOT NULL,
    fingerprint VARCHAR(64),
    status INTEGER NOT NULL,
    content_type VARCHAR(255),
    headers CHARACTER VARYING,
    body BINARY LARGE OBJECT NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE DEFAULT CURRENT_TIMESTAMP NOT NULL,
    CONSTRAINT tally_reply_pk PRIMARY KEY (consumer_group, message_id)
);

CREATE INDEX IF NOT EXISTS tally_reply_by_age ON tally_reply (created_at);
