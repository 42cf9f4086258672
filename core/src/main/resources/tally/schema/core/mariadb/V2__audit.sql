-- What people did by hand, by whom and why.
CREATE TABLE IF NOT EXISTS tally_audit (
    audit_id VARCHAR(64) NOT NULL,
    done_at DATETIME(6) DEFAULT (UTC_TIMESTAMP(6)) NOT NULL,
    actor VARCHAR(200) NOT NULL,
    action VARCHAR(60) NOT NULL,
    subject VARCHAR(255) NOT NULL,
    reason VARCHAR(1000) NOT NULL,
    detail VARCHAR(2000) NOT NULL,
    PRIMARY KEY (audit_id),
    INDEX tally_audit_by_time (done_at)
) ENGINE = InnoDB ROW_FORMAT = DYNAMIC DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin;
