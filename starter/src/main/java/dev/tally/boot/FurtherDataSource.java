package dev.tally.boot;

import dev.tally.audit.AuditLog;
import dev.tally.consume.InboxStore;
import dev.tally.consume.deadletter.DeadLetterStore;
import dev.tally.half.HalfMessagePath;
import dev.tally.half.LedgerName;
import dev.tally.half.SettledTransactions;
import dev.tally.half.TransactionLedger;
import dev.tally.outbox.jdbc.JdbcOutboxArchive;
import dev.tally.outbox.jdbc.JdbcOutboxStore;
import dev.tally.outbox.operations.OperationsStore;
import dev.tally.outbox.operations.OutboxInspection;
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
    private final OperationsStore operationsStore;
    private final OutboxInspection inspection;
    private final RecentOutboxProgress progress;
    private final PlatformTransactionManager transactions;
    private final TransactionLedger ledger;
    private final AuditLog audit;
    private final SettledTransactions settled;
    private final @Nullable HalfMessagePath halfMessages;
    private final TransactionalMessagePublisher publisher;
    private final JdbcOutboxStore store;
    private final JdbcOutboxArchive archive;
    private final InboxStore inbox;
    private final DeadLetterStore deadLetters;

    FurtherDataSource(
            LedgerName name,
            OutboxRuntime outbox,
            RecentOutboxStats stats,
            OperationsStore operationsStore,
            OutboxInspection inspection,
            RecentOutboxProgress progress,
            PlatformTransactionManager transactions,
            TransactionLedger ledger,
            AuditLog audit,
            SettledTransactions settled,
            @Nullable HalfMessagePath halfMessages,
            TransactionalMessagePublisher publisher,
            JdbcOutboxStore store,
            JdbcOutboxArchive archive,
            InboxStore inbox,
            DeadLetterStore deadLetters) {
        this.name = name;
        this.outbox = outbox;
        this.stats = stats;
        this.operationsStore = operationsStore;
        this.inspection = inspection;
        this.progress = progress;
        this.transactions = transactions;
        this.ledger = ledger;
        this.audit = audit;
        this.settled = settled;
        this.halfMessages = halfMessages;
        this.publisher = publisher;
        this.store = store;
        this.archive = archive;
        this.inbox = inbox;
        this.deadLetters = deadLetters;
    }

    /** Its name. */
    public LedgerName name() {
        return name;
    }

    /** The state of its outbox. */
    public RecentOutboxStats outbox() {
        return stats;
    }

    /** Whether the messages of its outbox get on. */
    public RecentOutboxProgress progress() {
        return progress;
    }

    /** A look at its outbox. */
    public OutboxInspection inspection() {
        return inspection;
    }

    OperationsStore operationsStore() {
        return operationsStore;
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

    JdbcOutboxStore store() {
        return store;
    }

    JdbcOutboxArchive archive() {
        return archive;
    }

    /** Of the consumers that work in it. */
    public InboxStore inbox() {
        return inbox;
    }

    /** Of the consumers that work in it. */
    public DeadLetterStore deadLetters() {
        return deadLetters;
    }

    TransactionalMessagePublisher publisher() {
        return publisher;
    }
}
