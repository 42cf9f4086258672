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
    CONSTRAINT tally_saga_lock_pk PRIMARY KEY (resource)
);

CREATE INDEX IF NOT EXISTS tally_saga_lock_by_owner ON tally_saga_lock (owner);
CREATE INDEX IF NOT EXISTS tally_saga_lock_by_lease ON tally_saga_lock (contended, lease_until);

-- Who waits for which lock.
CREATE TABLE IF NOT EXISTS tally_saga_lock_waiter (
    resource VARCHAR(255) NOT NULL,
    -- First come, first served, whatever the clocks say.
    place BIGINT NOT NULL,
    saga_id VARCHAR(64) NOT NULL,
    since BIGINT NOT NULL,
    -- For how long it gets the lock.
    lease_millis BIGINT NOT NULL,
    CONSTRAINT tally_saga_lock_waiter_pk PRIMARY KEY (resource, place),
    CONSTRAINT tally_saga_lock_waiter_by_saga UNIQUE (saga_id, resource)
);

-- One row, which is there from the first wait on: who changes a queue has it locked. It counts the places given out.
CREATE TABLE IF NOT EXISTS tally_saga_lock_queue (
    id INTEGER NOT NULL,
    places BIGINT NOT NULL,
    CONSTRAINT tally_saga_lock_queue_pk PRIMARY KEY (id)
);
