-- What a participant has done for the steps of sagas: one row for each step, written with its effects. It keeps what was
-- answered, for who asks again, and an undo token for the compensation.
CREATE TABLE IF NOT EXISTS tally_saga_barrier (
    saga_id VARCHAR(128) NOT NULL,
    step VARCHAR(128) NOT NULL,
    -- ACTED, REFUSED, STARTED, UNDO_STARTED, UNDONE, UNDONE_EMPTY; NEW only within a transaction.
    state VARCHAR(16) NOT NULL,
    -- How often work outside of a transaction was begun, and since when it is under way; null if it is not.
    runs INTEGER DEFAULT 0 NOT NULL,
    claimed_at TIMESTAMP WITH TIME ZONE,
    action_outcome VARCHAR(16),
    action_reason VARCHAR(500),
    action_type VARCHAR(255),
    action_reply BINARY LARGE OBJECT,
    undo_outcome VARCHAR(16),
    undo_reason VARCHAR(500),
    undo_type VARCHAR(255),
    undo_reply BINARY LARGE OBJECT,
    -- The attempt of the compensation that undo_outcome is of; 0 for none.
    undo_attempt INTEGER DEFAULT 0 NOT NULL,
    token_type VARCHAR(255),
    token BINARY LARGE OBJECT,
    -- When the saga began; what its row is purged by.
    started_at TIMESTAMP WITH TIME ZONE NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE DEFAULT CURRENT_TIMESTAMP NOT NULL,
    CONSTRAINT tally_saga_barrier_pk PRIMARY KEY (saga_id, step)
);

CREATE INDEX IF NOT EXISTS tally_saga_barrier_by_start ON tally_saga_barrier (started_at);
