package dev.tally.publish;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.tally.message.JacksonPayloadCodec;
import dev.tally.message.MessageId;
import dev.tally.testing.RecordingPath;
import dev.tally.testing.TestDatabase;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.jdbc.datasource.DataSourceUtils;
import org.springframework.transaction.CannotCreateTransactionException;
import org.springframework.transaction.IllegalTransactionStateException;
import org.springframework.transaction.TransactionDefinition;
import org.springframework.transaction.UnexpectedRollbackException;
import org.springframework.transaction.support.TransactionSynchronization;
import org.springframework.transaction.support.TransactionSynchronizationManager;
import org.springframework.transaction.support.TransactionTemplate;
import tools.jackson.databind.json.JsonMapper;

/**
 * Spring's transaction managers do not roll back for transaction exceptions out of a {@code beforeCommit}, and the
 * connection's pool commits. Where transactions are marked and where not.
 */
class BrokenOffCommitTest {

    private final TestDatabase database = TestDatabase.h2();
    private final TestDatabase foreign = TestDatabase.h2();
    private final RecordingPath outbox = new RecordingPath();
    private final List<String> outcomes = new ArrayList<>();
    private final AtomicInteger counter = new AtomicInteger();
    private final TransactionalMessagePublisher publisher = new TransactionalMessagePublisher(
            new JacksonPayloadCodec(new JsonMapper()),
            () -> new MessageId("m" + counter.incrementAndGet()),
            database.dataSource(),
            Map.of(Via.OUTBOX, outbox),
            List.of(),
            new PublishListener() {
                @Override
                public void rolledBack(int count) {
                    outcomes.add("rolledBack " + count);
                }

                @Override
                public void unknown(int count) {
                    outcomes.add("unknown " + count);
                }
            },
            InstantSource.system());

    @AfterEach
    void leavesNothingOnTheThread() {
        assertThat(TransactionSynchronizationManager.getResourceMap()).isEmpty();
        database.close();
        foreign.close();
    }

    private static TransactionTemplate transaction(TestDatabase database, boolean marked) {
        if (marked) {
            TransactionMarks.on(database.transactions());
        }
        return database.transaction();
    }

    private static void beforeCommit(Runnable work) {
        TransactionSynchronizationManager.registerSynchronization(new TransactionSynchronization() {
            @Override
            public void beforeCommit(boolean readOnly) {
                work.run();
            }
        });
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void whatIsRefusedBeforeTheCommitRollsTheTransactionBack(boolean marked) {
        MessagePublisher routing = new RoutingMessagePublisher(Map.of("primary", publisher));
        List<Runnable> refused = List.of(
                () -> publisher.publish("orders", null, "placed"),
                () -> routing.publish("orders", null, "placed"),
                () -> publisher.defer("orders", List::of));
        for (Runnable publishing : refused) {
            assertThatExceptionOfType(CommitRefusedException.class)
                    .isThrownBy(() -> transaction(foreign, marked).executeWithoutResult(status -> {
                        foreign.business("must roll back");
                        beforeCommit(publishing);
                    }))
                    .withMessageStartingWith("Cannot publish to 'orders': ")
                    .withMessageEndingWith("; the transaction rolls back")
                    .withCauseInstanceOf(IllegalTransactionStateException.class);
        }

        assertThat(foreign.business()).isEmpty();
        assertThat(outbox.prepared).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void whatIsRefusedBeforeTheCommitBeginsIsRefusedAsEver(boolean marked) {
        transaction(foreign, marked)
                .executeWithoutResult(status -> assertThatExceptionOfType(IllegalTransactionStateException.class)
                        .isThrownBy(() -> publisher.publish("orders", null, "placed")));
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aTransactionThatSomebodysTransactionExceptionEndsRollsBackWithItsMessages(boolean marked) {
        List<RuntimeException> exceptions = List.of(
                new CannotCreateTransactionException("no connection for the audit"),
                new UnexpectedRollbackException("the audit's transaction"));
        for (RuntimeException exception : exceptions) {
            assertThatExceptionOfType(exception.getClass())
                    .isThrownBy(() -> transaction(database, marked).executeWithoutResult(status -> {
                        database.business("must roll back");
                        publisher.publish("orders", null, "placed");
                        beforeCommitFirst(() -> {
                            throw exception;
                        });
                    }));
        }

        assertThat(database.business()).isEmpty();
        assertThat(outbox.prepared).isEmpty();
        assertThat(outcomes).containsExactly("rolledBack 1", "rolledBack 1");
    }

    private static void beforeCommitFirst(Runnable work) {
        TransactionSynchronizationManager.registerSynchronization(new FirstOfAll(work));
    }

    private record FirstOfAll(Runnable work) implements TransactionSynchronization {

        @Override
        public int getOrder() {
            return 0;
        }

        @Override
        public void beforeCommit(boolean readOnly) {
            work.run();
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void onlyTheTransactionThatIsBrokenOffRollsBack(boolean marked) {
        TransactionTemplate inner = transaction(database, marked);
        inner.setPropagationBehavior(TransactionDefinition.PROPAGATION_REQUIRES_NEW);
        transaction(database, marked).executeWithoutResult(status -> {
            database.business("outer");
            publisher.publish("orders", null, "outer");
            assertThatExceptionOfType(CannotCreateTransactionException.class)
                    .isThrownBy(() -> inner.executeWithoutResult(innerStatus -> {
                        database.business("inner");
                        publisher.publish("orders", null, "inner");
                        beforeCommitFirst(() -> {
                            throw new CannotCreateTransactionException("no connection");
                        });
                    }));
        });

        assertThat(database.business()).containsExactly("outer");
        assertThat(outbox.left).containsExactly(new MessageId("m1"));
        assertThat(outcomes).containsExactly("rolledBack 1");
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void theOutcomeIsUnknownWhereTheRollbackFails(boolean marked) {
        assertThatExceptionOfType(CannotCreateTransactionException.class)
                .isThrownBy(() -> transaction(database, marked).executeWithoutResult(status -> {
                    publisher.publish("orders", null, "placed");
                    beforeCommitFirst(() -> {
                        closeConnection();
                        throw new CannotCreateTransactionException("the network is gone");
                    });
                }));

        assertThat(outbox.prepared).isEmpty();
        assertThat(outcomes).containsExactly("unknown 1");
    }

    private void closeConnection() {
        Connection connection = DataSourceUtils.getConnection(database.dataSource());
        try {
            connection.close();
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        } finally {
            DataSourceUtils.releaseConnection(connection, database.dataSource());
        }
    }
}
