package dev.tally.boot;

import dev.tally.half.LedgerName;
import javax.sql.DataSource;
import org.springframework.transaction.PlatformTransactionManager;

/**
 * A data source beside the primary one, whose transactions publish as well. Define a bean for each:
 *
 * <pre>{@code
 * @Bean
 * TallyDataSource billing(
 *         @Qualifier("billing") DataSource dataSource, @Qualifier("billing") PlatformTransactionManager transactions) {
 *     return TallyDataSource.of("billing", dataSource, transactions);
 * }
 * }</pre>
 *
 * <p>It has Tally's tables, its own outbox with a relay, and its own ledger; its messages leave if and only if its
 * transaction commits. The primary data source, marked with {@code @Primary} as its transaction manager is, needs no
 * such bean. Consumers name the one that they work in: {@code @IdempotentConsumer(dataSource = "billing")}.
 *
 * @param name names it in ids of local transactions, logs, meters and health, and in the other instances of the service;
 *     1 to 27 letters, digits, {@code _} or {@code -}
 * @param dataSource the data source
 * @param transactions the transaction manager of it that business methods use
 * @since 0.1
 */
public record TallyDataSource(String name, DataSource dataSource, PlatformTransactionManager transactions) {

    /**
     * Describes a data source.
     *
     * @throws IllegalArgumentException for a name that cannot be one
     */
    public TallyDataSource {
        LedgerName unused = LedgerName.of(name);
    }

    /**
     * Describes a data source.
     *
     * @throws IllegalArgumentException for a name that cannot be one
     */
    public static TallyDataSource of(String name, DataSource dataSource, PlatformTransactionManager transactions) {
        return new TallyDataSource(name, dataSource, transactions);
    }

    LedgerName ledgerName() {
        return LedgerName.of(name);
    }
}
