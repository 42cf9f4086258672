-- Sagas and where they are. Times are milliseconds since 1970.
CREATE TABLE IF NOT EXISTS tally_saga (
    saga_id VARCHAR(64) NOT NULL,
    saga_name VARCHAR(100) NOT NULL,
    definition_version INTEGER NOT NULL,
    fingerprint VARCHAR(64) NOT NULL,
    business_key VARCHAR(255) NOT NULL,
    state VARCHAR(16) NOT NULL,
    backward SMALLINT NOT NULL,
    parked_kind VARCHAR(16),
    parked_reason VARCHAR(1000),
    -- How often the row was changed; every change is guarded by it.
    version BIGINT NOT NULL,
    -- The steps that have begun or were left out, as JSON.
    steps CHARACTER VARYING NOT NULL,
    data CHARACTER VARYING NOT NULL,
    -- The step of another saga for which it runs.
    parent_id VARCHAR(64),
    parent_step VARCHAR(100),
    parent_attempt INTEGER,
    parent_undo SMALLINT,
    started_at BIGINT NOT NULL,
    deadline_at BIGINT,
    -- The timer: when something has to be done without an answer.
    wake_at BIGINT,
    ended_at BIGINT,
    CONSTRAINT tally_saga_pk PRIMARY KEY (saga_id),
    CONSTRAINT tally_saga_by_key UNIQUE (saga_name, business_key)
);

CREATE INDEX IF NOT EXISTS tally_saga_by_timer ON tally_saga (saga_name, definition_version, wake_at);
CREATE INDEX IF NOT EXISTS tally_saga_by_end ON tally_saga (ended_at);

-- What happened to sagas, one row for each change.
CREATE TABLE IF NOT EXISTS tally_saga_history (
    saga_id VARCHAR(64) NOT NULL,
    version BIGINT NOT NULL,
    at BIGINT NOT NULL,
    -- A JSON array.
    events CHARACTER VARYING NOT NULL,
    actor VARCHAR(255),
    reason VARCHAR(1000),
    -- The data after the change; null if it did not change.
    data CHARACTER VARYING,
    CONSTRAINT tally_saga_history_pk PRIMARY KEY (saga_id, version)
);

-- What arrived for sagas and waits, or was not taken at all.
CREATE TABLE IF NOT EXISTS tally_saga_mail (
    saga_id VARCHAR(64) NOT NULL,
    mail_id VARCHAR(64) NOT NULL,
    kind VARCHAR(16) NOT NULL,
    name VARCHAR(100) NOT NULL,
    -- A JSON object of strings.
    headers CHARACTER VARYING,
    type VARCHAR(255) NOT NULL,
    payload BINARY LARGE OBJECT NOT NULL,
    why VARCHAR(1000),
    at BIGINT NOT NULL,
    CONSTRAINT tally_saga_mail_pk PRIMARY KEY (saga_id, mail_id)
);

CREATE INDEX IF NOT EXISTS tally_saga_mail_by_age ON tally_saga_mail (kind, at);
