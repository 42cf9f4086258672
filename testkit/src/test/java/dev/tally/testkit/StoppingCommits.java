package dev.tally.testkit;

import javax.sql.DataSource;
import org.springframework.jdbc.datasource.DataSourceTransactionManager;
import org.springframework.transaction.support.DefaultTransactionStatus;

/** Transactions of which one ends the process, right before its commit or right after it. */
final class StoppingCommits extends DataSourceTransactionManager {

    private final int last;
    private final boolean afterIt;
    private final transient Runnable end;
    private int commits;

    /**
     * Creates the manager.
     *
     * @param last which commit is the last, from 1
     * @param afterIt whether that one reaches the database
     * @param end ends the process, or throws an error in its stead
     */
    StoppingCommits(DataSource dataSource, int last, boolean afterIt, Runnable end) {
        super(dataSource);
        this.last = last;
        this.afterIt = afterIt;
        this.end = end;
    }

    @Override
    protected void doCommit(DefaultTransactionStatus status) {
        commits++;
        if (commits == last && !afterIt) {
            end.run();
        }
        super.doCommit(status);
        if (commits == last && afterIt) {
            end.run();
        }
    }
}
