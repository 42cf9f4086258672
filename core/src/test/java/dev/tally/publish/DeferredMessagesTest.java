package dev.tally.publish;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.tally.message.JacksonPayloadCodec;
import dev.tally.message.MessageId;
import dev.tally.testing.RecordingPath;
import dev.tally.testing.TestDatabase;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.jdbc.datasource.DataSourceTransactionManager;
import org.springframework.transaction.IllegalTransactionStateException;
import org.springframework.transaction.support.DefaultTransactionStatus;
import org.springframework.transaction.support.TransactionSynchronization;
import org.springframework.transaction.support.TransactionSynchronizationManager;
import org.springframework.transaction.support.TransactionTemplate;
import tools.jackson.databind.json.JsonMapper;

/** Messages that are known only at the end of their transaction, where transactions are marked and where not. */
class DeferredMessagesTest {

    private final TestDatabase database = TestDatabase.h2();
    private final RecordingPath outbox = new RecordingPath();
    private final AtomicInteger counter = new AtomicInteger();
    private final List<Runnable> withinCommit = new ArrayList<>();
    private final List<OutgoingMessage> waiting = new ArrayList<>();
    private Runnable flush = () -> {};
    private final TransactionalMessagePublisher publisher = new TransactionalMessagePublisher(
            new JacksonPayloadCodec(new JsonMapper()),
            () -> new MessageId("m" + counter.incrementAndGet()),
            database.dataSource(),
            Map.of(Via.OUTBOX, outbox),
            List.of(() -> flush.run()),
            new PublishListener() {},
            InstantSource.system());
    private final DataSourceTransactionManager transactions = new DataSourceTransactionManager(database.dataSource()) {
        @Override
        protected void doCommit(DefaultTransactionStatus status) {
            withinCommit.forEach(Runnable::run);
            super.doCommit(status);
        }
    };
    private final Supplier<List<OutgoingMessage>> source = () -> {
        List<OutgoingMessage> messages = List.copyOf(waiting);
        waiting.clear();
        return messages;
    };

    @AfterEach
    void leavesNothingOnTheThread() {
        assertThat(TransactionSynchronizationManager.getResourceMap()).isEmpty();
        database.close();
    }

    private TransactionTemplate transaction(boolean marked) {
        transactions.setRollbackOnCommitFailure(true); // as JPA does
        if (marked) {
            TransactionMarks.on(transactions);
        }
        return new TransactionTemplate(transactions);
    }

    private void change() {
        waiting.add(OutgoingMessage.to("changes").payload("changed").build());
    }

    private static List<MessageId> ids(String... values) {
        return Arrays.stream(values).map(MessageId::new).toList();
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void joinWhatElseIsPublishedInOneCallWithWhatTheLastFlushFound(boolean marked) {
        flush = this::change;
        transaction(marked).executeWithoutResult(status -> {
            publisher.defer("changes", source);
            change();
            publisher.publish("orders", null, "placed");
        });

        assertThat(outbox.prepared).containsExactly(ids("m1", "m2", "m3"));
        assertThat(outbox.left).hasSize(3);
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void mayComeUpWithinTheCommitForTheFirstTime(boolean marked) {
        withinCommit.add(() -> {
            change();
            change();
            publisher.defer("changes", source).handOver();
        });

        transaction(marked).executeWithoutResult(status -> {});

        assertThat(outbox.prepared).containsExactly(ids("m1", "m2"));
        assertThat(outbox.left).hasSize(2);
        assertThat(outbox.outcomes).containsExactly("committed");
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void mayComeUpWithinTheCommitAfterOthersHaveBeenHandedOver(boolean marked) {
        withinCommit.add(() -> {
            change();
            publisher.defer("changes", source).handOver();
        });

        transaction(marked).executeWithoutResult(status -> publisher.publish("orders", null, "placed"));

        assertThat(outbox.prepared).containsExactly(ids("m1"), ids("m2"));
        assertThat(outbox.left).hasSize(2);
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void makeTheCommitFailWithThem(boolean marked) {
        withinCommit.add(() -> {
            change();
            outbox.failWith(new IllegalArgumentException("no room"));
            publisher.defer("changes", source).handOver();
        });

        assertThatExceptionOfType(IllegalArgumentException.class)
                .isThrownBy(() -> transaction(marked).executeWithoutResult(status -> database.business("rolled back")));

        assertThat(database.business()).isEmpty();
        assertThat(outbox.left).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void areRefusedWhereNothingWouldCommitThem(boolean marked) {
        List<DeferredMessages> kept = new ArrayList<>();
        assertThatExceptionOfType(IllegalTransactionStateException.class)
                .isThrownBy(() -> publisher.defer("changes", source))
                .withMessageContaining("there is no transaction");
        transaction(marked).executeWithoutResult(status -> {
            kept.add(publisher.defer("changes", source));
            TransactionSynchronizationManager.registerSynchronization(new TransactionSynchronization() {
                @Override
                public void afterCompletion(int ended) {
                    assertThatExceptionOfType(IllegalTransactionStateException.class)
                            .isThrownBy(() -> kept.get(0).handOver())
                            .withMessageContaining("'changes'")
                            .withMessageContaining("already ended");
                }
            });
        });
        assertThatExceptionOfType(IllegalTransactionStateException.class)
                .isThrownBy(() -> kept.get(0).handOver());
    }
}
