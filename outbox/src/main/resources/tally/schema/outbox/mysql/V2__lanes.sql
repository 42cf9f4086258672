-- Lanes: rows with a key are written under the name of their key's lane ('#0', '#1', ...), by whichever node, and sent by
-- the lane's keeper. Lanes are owners, so tally_outbox_node says who keeps them. Nodes of the version before know nothing of
-- these columns and this table, and go on beside the new ones.

-- epoch: how often the keeper has changed. seen: up to which generation a node knows the others; null for what is no node,
-- and for nodes of the version before. ready: 1 if the node can keep lanes.
-- MySQL has no ADD COLUMN IF NOT EXISTS.
SET @tally_change = (
    SELECT IF(COUNT(*) = 0, 'ALTER TABLE tally_outbox_node ADD COLUMN epoch BIGINT DEFAULT 0 NOT NULL', 'DO 0')
    FROM information_schema.columns
    WHERE table_schema = DATABASE() AND table_name = 'tally_outbox_node' AND column_name = 'epoch'
);
PREPARE tally_change FROM @tally_change;
EXECUTE tally_change;
DEALLOCATE PREPARE tally_change;

SET @tally_change = (
    SELECT IF(COUNT(*) = 0, 'ALTER TABLE tally_outbox_node ADD COLUMN seen BIGINT', 'DO 0')
    FROM information_schema.columns
    WHERE table_schema = DATABASE() AND table_name = 'tally_outbox_node' AND column_name = 'seen'
);
PREPARE tally_change FROM @tally_change;
EXECUTE tally_change;
DEALLOCATE PREPARE tally_change;

SET @tally_change = (
    SELECT IF(COUNT(*) = 0, 'ALTER TABLE tally_outbox_node ADD COLUMN ready SMALLINT DEFAULT 0 NOT NULL', 'DO 0')
    FROM information_schema.columns
    WHERE table_schema = DATABASE() AND table_name = 'tally_outbox_node' AND column_name = 'ready'
);
PREPARE tally_change FROM @tally_change;
EXECUTE tally_change;
DEALLOCATE PREPARE tally_change;

-- One row: how many lanes there are, and how many nodes have ever registered.
CREATE TABLE IF NOT EXISTS tally_outbox_lanes (
    id INTEGER NOT NULL,
    lanes INTEGER NOT NULL,
    generation BIGINT NOT NULL,
    PRIMARY KEY (id)
) ENGINE = InnoDB ROW_FORMAT = DYNAMIC DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_0900_bin;
