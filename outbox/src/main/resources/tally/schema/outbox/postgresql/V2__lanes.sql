-- Lanes: rows with a key are written under the name of their key's lane ('#0', '#1', ...), by whichever node, and sent by
-- the lane's keeper. Lanes are owners, so tally_outbox_node says who keeps them. Nodes of the version before know nothing of
-- these columns and this table, and go on beside the new ones.

-- epoch: how often the keeper has changed. seen: up to which generation a node knows the others; null for what is no node,
-- and for nodes of the version before. ready: 1 if the node can keep lanes.
ALTER TABLE tally_outbox_node ADD COLUMN IF NOT EXISTS epoch BIGINT DEFAULT 0 NOT NULL;

ALTER TABLE tally_outbox_node ADD COLUMN IF NOT EXISTS seen BIGINT;

ALTER TABLE tally_outbox_node ADD COLUMN IF NOT EXISTS ready SMALLINT DEFAULT 0 NOT NULL;

-- One row: how many lanes there are, and how many nodes have ever registered.
CREATE TABLE IF NOT EXISTS tally_outbox_lanes (
    id INTEGER NOT NULL,
    lanes INTEGER NOT NULL,
    generation BIGINT NOT NULL,
    CONSTRAINT tally_outbox_lanes_pk PRIMARY KEY (id)
);
