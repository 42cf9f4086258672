-- What people did by hand, by whom and why.
CREATE TABLE IF NOT EXISTS tally_audit (
    audit_id VARCHAR(64) NOT NULL,
    done_at TIMESTAMP WITH TIME ZONE DEFAULT CURRENT_TIMESTAMP NOT NULL,
    actor VARCHAR(200) NOT NULL,
    action VARCHAR(60) NOT NULL,
    subject VARCHAR(255) NOT NULL,
    reason VARCHAR(1000) NOT NULL,
    detail VARCHAR(2000) NOT NULL,
    CONSTRAINT tally_audit_pk PRIMARY KEY (audit_id)
);

CREATE INDEX IF NOT EXISTS tally_audit_by_time ON tally_audit (done_at);
