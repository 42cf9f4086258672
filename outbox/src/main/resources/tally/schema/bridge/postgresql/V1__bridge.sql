-- The bridges from other outboxes; a row is locked while its bridge takes rows, so that one node does at a time.
CREATE TABLE IF NOT EXISTS tally_outbox_bridge (
    bridge VARCHAR(40) NOT NULL,
    -- 1 while a person has paused it.
    paused SMALLINT DEFAULT 0 NOT NULL,
    CONSTRAINT tally_outbox_bridge_pk PRIMARY KEY (bridge)
);

-- What a bridge has decided about rows of the other table, which it never writes to.
CREATE TABLE IF NOT EXISTS tally_outbox_bridge_row (
    bridge VARCHAR(40) NOT NULL,
    row_id VARCHAR(255) NOT NULL,
    -- TAKEN, DROPPED (on purpose), or LEFT (could not be mapped so far).
    state VARCHAR(10) NOT NULL,
    row_key VARCHAR(255),
    message_id VARCHAR(64),
    reason VARCHAR(1000),
    decided_at TIMESTAMP WITH TIME ZONE DEFAULT CURRENT_TIMESTAMP NOT NULL,
    CONSTRAINT tally_outbox_bridge_row_pk PRIMARY KEY (bridge, row_id)
);

CREATE INDEX IF NOT EXISTS tally_outbox_bridge_row_by_key ON tally_outbox_bridge_row (bridge, state, row_key);
