-- Keys that wait for a person: one of their messages was given up under the poison policy BLOCK. Rows behind it wait under
-- '!held-' and its id, rows that wait for their time under '!due-' and that time. Nodes of the version before do not look at
-- either.
CREATE TABLE IF NOT EXISTS tally_outbox_blocked (
    -- The row that was given up.
    parked_id BIGINT NOT NULL,
    lane VARCHAR(100) NOT NULL,
    msg_key VARCHAR(1024) NOT NULL,
    PRIMARY KEY (parked_id)
) ENGINE = InnoDB ROW_FORMAT = DYNAMIC DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin;
