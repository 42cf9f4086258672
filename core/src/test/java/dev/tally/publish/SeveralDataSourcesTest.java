package dev.tally.publish;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.tally.message.JacksonPayloadCodec;
import dev.tally.message.MessageId;
import dev.tally.testing.RecordingPath;
import dev.tally.testing.TestDatabase;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.jdbc.datasource.DataSourceTransactionManager;
import org.springframework.jdbc.datasource.TransactionAwareDataSourceProxy;
import org.springframework.jdbc.support.JdbcTransactionManager;
import org.springframework.transaction.ConfigurableTransactionManager;
import org.springframework.transaction.IllegalTransactionStateException;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.TransactionDefinition;
import org.springframework.transaction.support.TransactionSynchronization;
import org.springframework.transaction.support.TransactionSynchronizationManager;
import org.springframework.transaction.support.TransactionTemplate;
import tools.jackson.databind.json.JsonMapper;

/** Whose transaction a message belongs to, where transactions of several data sources lie in each other. */
class SeveralDataSourcesTest {

    record Placed(String order) {}

    private final TestDatabase first = TestDatabase.h2();
    private final TestDatabase second = TestDatabase.h2();
    private final TestDatabase foreign = TestDatabase.h2();
    private final RecordingPath ofFirst = new RecordingPath();
    private final RecordingPath ofSecond = new RecordingPath();
    private final AtomicInteger counter = new AtomicInteger();
    private TransactionalMessagePublisher firstPublisher;
    private MessagePublisher publisher;

    @BeforeEach
    void createPublisher() {
        for (TestDatabase each : List.of(first, second, foreign)) {
            TransactionMarks.on(each.transactions());
        }
        firstPublisher = publisher(first, ofFirst);
        Map<String, TransactionalMessagePublisher> publishers = new LinkedHashMap<>();
        publishers.put("first", firstPublisher);
        publishers.put("second", publisher(second, ofSecond));
        publisher = new RoutingMessagePublisher(publishers);
    }

    private TransactionalMessagePublisher publisher(TestDatabase database, PublishingPath path) {
        return new TransactionalMessagePublisher(
                new JacksonPayloadCodec(new JsonMapper()),
                () -> new MessageId("m" + counter.incrementAndGet()),
                new TransactionAwareDataSourceProxy(database.dataSource()),
                Map.of(Via.OUTBOX, path),
                List.of(),
                new PublishListener() {},
                InstantSource.system());
    }

    @AfterEach
    void leavesNothingOnTheThread() {
        assertThat(TransactionSynchronizationManager.getResourceMap()).isEmpty();
        assertThat(TransactionSynchronizationManager.isSynchronizationActive()).isFalse();
        List.of(first, second, foreign).forEach(TestDatabase::close);
    }

    private void publish() {
        publisher.publish("orders", null, new Placed("1"));
    }

    private static void in(PlatformTransactionManager manager, int propagation, Runnable body) {
        TransactionTemplate template = new TransactionTemplate(manager);
        template.setPropagationBehavior(propagation);
        template.executeWithoutResult(status -> body.run());
    }

    private static void in(TestDatabase database, Runnable body) {
        in(database.transactions(), TransactionDefinition.PROPAGATION_REQUIRED, body);
    }

    private static void rollingBack(TestDatabase database, int propagation, Runnable body) {
        TransactionTemplate template = database.transaction();
        template.setPropagationBehavior(propagation);
        template.executeWithoutResult(status -> {
            body.run();
            status.setRollbackOnly();
        });
    }

    private static List<MessageId> ids(String... values) {
        return Arrays.stream(values).map(MessageId::new).toList();
    }

    @Test
    void messagesGoWithTheTransactionThatTheyWerePublishedIn() {
        in(first, this::publish);
        in(second, this::publish);
        rollingBack(second, TransactionDefinition.PROPAGATION_REQUIRED, this::publish);

        assertThat(ofFirst.left).containsExactlyElementsOf(ids("m1"));
        assertThat(ofSecond.left).containsExactlyElementsOf(ids("m2"));
    }

    @Test
    void messagesOfAnInnerTransactionLeaveWithItThoughTheOuterOneRollsBack() {
        rollingBack(first, TransactionDefinition.PROPAGATION_REQUIRED, () -> {
            publish();
            in(second, () -> {
                publish();
                assertThat(ofSecond.left).isEmpty();
            });
            assertThat(ofSecond.left).containsExactlyElementsOf(ids("m2"));
            publish();
        });

        assertThat(ofFirst.prepared).isEmpty();
        assertThat(ofSecond.left).containsExactlyElementsOf(ids("m2"));
    }

    @Test
    void messagesOfTheOuterTransactionLeaveThoughTheInnerOneRollsBack() {
        in(first, () -> {
            rollingBack(second, TransactionDefinition.PROPAGATION_REQUIRES_NEW, this::publish);
            publish();
            rollingBack(second, TransactionDefinition.PROPAGATION_REQUIRED, this::publish);
            publish();
        });

        assertThat(ofFirst.prepared).containsExactly(ids("m2", "m4"));
        assertThat(ofFirst.left).containsExactlyElementsOf(ids("m2", "m4"));
        assertThat(ofSecond.prepared).isEmpty();
    }

    @Test
    void messagesOfSuspendedTransactionsWaitForTheirOwnEnd() {
        in(first, () -> {
            publish();
            in(second, () -> {
                publish();
                in(first.transactions(), TransactionDefinition.PROPAGATION_REQUIRES_NEW, () -> {
                    publish();
                    rollingBack(second, TransactionDefinition.PROPAGATION_REQUIRES_NEW, this::publish);
                    publish();
                });
                assertThat(ofFirst.left).containsExactlyElementsOf(ids("m3", "m5"));
                publish();
            });
            assertThat(ofSecond.left).containsExactlyElementsOf(ids("m2", "m6"));
            publish();
        });

        assertThat(ofFirst.left).containsExactlyElementsOf(ids("m3", "m5", "m1", "m7"));
    }

    @Test
    void aSavepointOfTheInnerTransactionTakesOnlyItsOwnMessages() {
        in(first, () -> {
            publish();
            in(second, () -> {
                publish();
                rollingBack(second, TransactionDefinition.PROPAGATION_NESTED, this::publish);
                in(second.transactions(), TransactionDefinition.PROPAGATION_NESTED, this::publish);
            });
            rollingBack(first, TransactionDefinition.PROPAGATION_NESTED, this::publish);
        });

        assertThat(ofFirst.left).containsExactlyElementsOf(ids("m1"));
        assertThat(ofSecond.left).containsExactlyElementsOf(ids("m2", "m4"));
    }

    @Test
    void whoTakesPartPublishesWithTheTransactionThatBeganIt() {
        in(
                first,
                () -> in(second, () -> {
                    in(second, this::publish);
                    assertThat(ofSecond.prepared).isEmpty();
                }));

        assertThat(ofSecond.left).containsExactlyElementsOf(ids("m1"));
    }

    @Test
    void refusesToPublishWithTheOuterTransactionFromWithinTheInnerOne() {
        assertThatExceptionOfType(IllegalTransactionStateException.class)
                .isThrownBy(() ->
                        in(first, () -> in(second, () -> firstPublisher.publish("orders", null, new Placed("1")))))
                .withMessageContaining("is one on " + second.dataSource())
                .withMessageContaining("not one on the data source that Tally writes to");
    }

    @Test
    void refusesATransactionOnADataSourceThatTallyDoesNotHaveThoughTheOuterOneIsOnOne() {
        assertThatExceptionOfType(IllegalTransactionStateException.class)
                .isThrownBy(() -> in(first, () -> in(foreign, this::publish)))
                .withMessageContaining("is one on " + foreign.dataSource())
                .withMessageContaining("first: " + first.dataSource())
                .withMessageContaining("second: " + second.dataSource());
        assertThatExceptionOfType(IllegalTransactionStateException.class)
                .isThrownBy(() -> in(foreign, this::publish))
                .withMessageContaining("give Tally that data source");
    }

    @Test
    void refusesWhereNothingTellsWhichTransactionIsTheInnermost() {
        PlatformTransactionManager unmarked = new JdbcTransactionManager(second.dataSource());

        in(unmarked, TransactionDefinition.PROPAGATION_REQUIRED, this::publish);
        assertThat(ofSecond.left).hasSize(1);
        assertThatExceptionOfType(IllegalTransactionStateException.class)
                .isThrownBy(
                        () -> in(first, () -> in(unmarked, TransactionDefinition.PROPAGATION_REQUIRED, this::publish)))
                .withMessageContaining("[first, second]")
                .withMessageContaining("nothing tells which one is the innermost");
        assertThat(ofFirst.prepared).isEmpty();
    }

    @Test
    void refusesOutsideOfATransactionAndInAReadOnlyOne() {
        assertThatExceptionOfType(IllegalTransactionStateException.class)
                .isThrownBy(this::publish)
                .withMessageContaining("there is no transaction");
        TransactionTemplate readOnly = second.transaction();
        readOnly.setReadOnly(true);
        assertThatExceptionOfType(IllegalTransactionStateException.class)
                .isThrownBy(() -> readOnly.executeWithoutResult(status -> publish()))
                .withMessageContaining("read-only");
    }

    @Test
    void aTransactionOfTheOtherDataSourceMayBeginInTheCallbacksOfOne() {
        in(first, () -> {
            publish();
            TransactionSynchronizationManager.registerSynchronization(new TransactionSynchronization() {
                @Override
                public void beforeCommit(boolean readOnly) {
                    in(second, SeveralDataSourcesTest.this::publish);
                }

                @Override
                public void afterCommit() {
                    in(second, SeveralDataSourcesTest.this::publish);
                }
            });
        });

        assertThat(ofFirst.left).containsExactlyElementsOf(ids("m1"));
        assertThat(ofSecond.left).containsExactlyElementsOf(ids("m2", "m3"));
    }

    @Test
    void marksATransactionOnceAndLeavesItsOtherListenersAlone() {
        ConfigurableTransactionManager manager = new DataSourceTransactionManager(first.dataSource());
        TransactionMarks.on(manager);
        TransactionMarks.on(manager);

        assertThat(manager.getTransactionExecutionListeners()).hasSize(1);
        in((PlatformTransactionManager) manager, TransactionDefinition.PROPAGATION_REQUIRED, () -> {
            in(first.transactions(), TransactionDefinition.PROPAGATION_REQUIRED, () -> {});
            assertThat(TransactionSynchronizationManager.getSynchronizations())
                    .filteredOn(TransactionMark.class::isInstance)
                    .hasSize(1);
        });
    }
}
