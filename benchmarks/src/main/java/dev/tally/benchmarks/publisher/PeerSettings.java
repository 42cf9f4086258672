package dev.tally.benchmarks.publisher;

import java.util.List;

/** With which settings the contenders run, for whoever reads the figures. */
public final class PeerSettings {

    private PeerSettings() {}

    /** A line for each. */
    public static List<String> describe() {
        return List.of(
                "all: HikariCP with " + Session.CONNECTIONS + " connections; rows by JdbcTemplate and transactions by"
                        + " Spring, but for limit and limit-push, which are plain JDBC",
                "tally: the starter with its defaults, annotated method; tally.outbox.instance is set, so that a process"
                        + " that is started again takes over at once",
                "limit: one thread, batches of " + JdbcOutbox.BATCH
                        + " by SKIP LOCKED, delivered and deleted in one transaction; looks again after "
                        + LimitWiring.LOOK_AGAIN.toMillis() + " ms",
                "limit-push: one thread is handed what was committed, and deletes batches of at most "
                        + JdbcOutbox.BATCH,
                "modulith: without order; module listener on " + ModulithWiring.THREADS
                        + " threads; completion mode delete; what is incomplete is resubmitted at the start",
                "namastack: in order of the keys; " + String.join(", ", NamastackWiring.PROPERTIES),
                "transaction-outbox: without order; its own transactions on plain JDBC; calls submitted to "
                        + TransactionOutboxWiring.THREADS + " threads, " + TransactionOutboxWiring.QUEUED
                        + " queued at most; flushed in a loop, tried again after "
                        + TransactionOutboxWiring.ATTEMPTS.toSeconds() + " s",
                "db-scheduler: without order; one-time task scheduled by a batch of one, due now, a check triggered after"
                        + " the commit; " + DbSchedulerWiring.THREADS + " threads, lock-and-fetch "
                        + DbSchedulerWiring.LOWER + ", " + DbSchedulerWiring.UPPER + ", polling interval "
                        + DbSchedulerWiring.POLLING.toMillis() + " ms, heartbeat "
                        + DbSchedulerWiring.HEARTBEAT.toSeconds() + " s, " + DbSchedulerWiring.MISSED_HEARTBEATS
                        + " may be missed; JacksonSerializer");
    }
}
