package dev.tally.boot;

import dev.tally.audit.AuditLog;
import dev.tally.half.HalfMessagePath;
import dev.tally.half.LedgerName;
import dev.tally.half.SettledTransactions;
import dev.tally.half.TransactionLedger;
import dev.tally.publish.TransactionalMessagePublisher;
import org.jspecify.annotations.Nullable;
import org.springframework.transaction.PlatformTransactionManager;

/**
 * What Tally has for a data source beside the primary one. Thread-safe.
 *
 * @since 0.1
 */
public final class FurtherDataSource {

    private final LedgerName name;
    private final OutboxRuntime outbox;
    private final RecentOutboxStats stats;
    private final PlatformTransactionManager transactions;
    private final TransactionLedger ledger;
    private final AuditLog audit;
    private final SettledTransactions settled;
    private final @Nullable HalfMessagePath halfMessages;
    private final TransactionalMessagePublisher publisher;

    FurtherDataSource(
            LedgerName name,
            OutboxRuntime outbox,
            RecentOutboxStats stats,
            PlatformTransactionManager transactions,
            TransactionLedger ledger,
            AuditLog audit,
            SettledTransactions settled,
            @Nullable HalfMessagePath halfMessages,
            TransactionalMessagePublisher publisher) {
        this.name = name;
        this.outbox = outbox;
        this.stats = stats;
        this.transactions = transactions;
        this.ledger = ledger;
        this.audit = audit;
        this.settled = settled;
        this.halfMessages = halfMessages;
        this.publisher = publisher;
    }

    /** Its name. */
    public LedgerName name() {
        return name;
    }

    /** The state of its outbox. */
    public RecentOutboxStats outbox() {
        return stats;
    }

    /** Its way out by half messages; {@code null} with a transport that has none. */
    public @Nullable HalfMessagePath halfMessages() {
        return halfMessages;
    }

    OutboxRuntime runtime() {
        return outbox;
    }

    TransactionLedger ledger() {
        return ledger;
    }

    AuditLog audit() {
        return audit;
    }

    PlatformTransactionManager transactions() {
        return transactions;
    }

    SettledTransactions settled() {
        return settled;
    }

    TransactionalMessagePublisher publisher() {
        return publisher;
    }
}
