-- Messages that a consumer group could not handle, with the reason. They stay until people replay or discard them.
CREATE TABLE IF NOT EXISTS tally_dead_letter (
    consumer_group VARCHAR(255) NOT NULL,
    message_id VARCHAR(64) NOT NULL,
    topic VARCHAR(255) NOT NULL,
    tag VARCHAR(255),
    msg_key VARCHAR(1024),
    type VARCHAR(255) NOT NULL,
    -- A JSON object of strings; null for none.
    headers TEXT,
    payload BYTEA NOT NULL,
    attempts INTEGER NOT NULL,
    reason VARCHAR(1000) NOT NULL,
    -- The class of the exception at the root, and the head of its stack; null where there was none.
    exception VARCHAR(255),
    stack VARCHAR(4000),
    -- When the broker stored the message; microseconds since 1970, null where that is not known.
    stored_at BIGINT,
    dead_at TIMESTAMP WITH TIME ZONE DEFAULT CURRENT_TIMESTAMP NOT NULL,
    -- When it is replayed; microseconds since 1970, null where nobody asked for that.
    replay_at BIGINT,
    replay_forced SMALLINT DEFAULT 0 NOT NULL,
    CONSTRAINT tally_dead_letter_pk PRIMARY KEY (consumer_group, message_id)
);

CREATE INDEX IF NOT EXISTS tally_dead_letter_by_age ON tally_dead_letter (dead_at);
CREATE INDEX IF NOT EXISTS tally_dead_letter_by_replay ON tally_dead_letter (replay_at);
-- Other kinds do not take keys of every length.
CREATE INDEX IF NOT EXISTS tally_dead_letter_by_key ON tally_dead_letter USING HASH (msg_key);
