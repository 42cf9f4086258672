-- Semantic locks of sagas. Times are milliseconds since 1970.
CREATE TABLE IF NOT EXISTS tally_saga_lock (
    resource VARCHAR(255) NOT NULL,
    -- The saga that has it.
    owner VARCHAR(64) NOT NULL,
    acquired_at BIGINT NOT NULL,
    -- From when on others may take it.
    lease_until BIGINT NOT NULL,
    -- 0 if nobody waits for certain; whatever happens to a lock for which somebody may wait is serialized.
    contended SMALLINT NOT NULL,
    PRIMARY KEY (resource),
    INDEX tally_saga_lock_by_owner (owner),
    INDEX tally_saga_lock_by_lease (contended, lease_until)
) ENGINE = InnoDB ROW_FORMAT = DYNAMIC DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin;

-- Who waits for which lock.
CREATE TABLE IF NOT EXISTS tally_saga_lock_waiter (
    resource VARCHAR(255) NOT NULL,
    -- First come, first served, whatever the clocks say.
    place BIGINT NOT NULL,
    saga_id VARCHAR(64) NOT NULL,
    since BIGINT NOT NULL,
    -- For how long it gets the lock.
    lease_millis BIGINT NOT NULL,
    PRIMARY KEY (resource, place),
    CONSTRAINT tally_saga_lock_waiter_by_saga UNIQUE (saga_id, resource)
) ENGINE = InnoDB ROW_FORMAT = DYNAMIC DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin;

-- One row, which is there from the first wait on: who changes a queue has it locked. It counts the places given out.
CREATE TABLE IF NOT EXISTS tally_saga_lock_queue (
    id INTEGER NOT NULL,
    places BIGINT NOT NULL,
    PRIMARY KEY (id)
) ENGINE = InnoDB ROW_FORMAT = DYNAMIC DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin;
