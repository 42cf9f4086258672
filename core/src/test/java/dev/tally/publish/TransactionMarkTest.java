package dev.tally.publish;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.tally.message.JacksonPayloadCodec;
import dev.tally.message.MessageId;
import dev.tally.testing.RecordingPath;
import dev.tally.testing.TestDatabase;
import java.lang.reflect.Proxy;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.jdbc.support.JdbcTransactionManager;
import org.springframework.transaction.IllegalTransactionStateException;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.TransactionDefinition;
import org.springframework.transaction.TransactionManager;
import org.springframework.transaction.support.AbstractPlatformTransactionManager;
import org.springframework.transaction.support.DefaultTransactionStatus;
import org.springframework.transaction.support.ResourceTransactionManager;
import org.springframework.transaction.support.TransactionSynchronization;
import org.springframework.transaction.support.TransactionSynchronizationManager;
import org.springframework.transaction.support.TransactionTemplate;
import tools.jackson.databind.json.JsonMapper;

/** What a first message meets in each phase of a marked transaction. */
class TransactionMarkTest {

    private final TestDatabase database = TestDatabase.h2();
    private final RecordingPath outbox = new RecordingPath();
    private final AtomicInteger counter = new AtomicInteger();
    private TransactionalMessagePublisher publisher;

    @BeforeEach
    void mark() {
        TransactionMarks.on(database.transactions());
        publisher = new TransactionalMessagePublisher(
                new JacksonPayloadCodec(new JsonMapper()),
                () -> new MessageId("m" + counter.incrementAndGet()),
                database.dataSource(),
                Map.of(Via.OUTBOX, outbox),
                List.of(),
                new PublishListener() {},
                InstantSource.system());
    }

    @AfterEach
    void leavesNothingOnTheThread() {
        assertThat(TransactionSynchronizationManager.getResourceMap()).isEmpty();
        database.close();
    }

    private void publish() {
        publisher.publish("orders", null, "text");
    }

    private TransactionTemplate transaction(int propagation) {
        TransactionTemplate template = database.transaction();
        template.setPropagationBehavior(propagation);
        return template;
    }

    private void runsInTransaction(TransactionSynchronization synchronization) {
        database.transaction()
                .executeWithoutResult(
                        status -> TransactionSynchronizationManager.registerSynchronization(synchronization));
    }

    @Test
    void refusesAFirstMessageAfterTheCommitAlsoWhereAMethodTakesPartInTheEndedTransaction() {
        assertThatExceptionOfType(IllegalTransactionStateException.class)
                .isThrownBy(() -> runsInTransaction(new TransactionSynchronization() {
                    @Override
                    public void afterCommit() {
                        transaction(TransactionDefinition.PROPAGATION_REQUIRED)
                                .executeWithoutResult(status -> publish());
                    }
                }))
                .withMessageContaining("already ended")
                .withMessageContaining("REQUIRES_NEW");

        assertThat(outbox.prepared).isEmpty();
    }

    /** As where a listener for an event after the commit calls a transactional method. */
    @Test
    void refusesAMessageOfWhoTakesPartInATransactionThatIsCompleted() {
        AbstractPlatformTransactionManager other = new WithoutDatabase();
        TransactionMarks.on(other);
        List<Throwable> refusals = new ArrayList<>();
        TransactionSynchronization afterwards = new TransactionSynchronization() {
            @Override
            public void afterCompletion(int status) {
                // Their own afterCompletion must not make the outer one forgotten.
                new TransactionTemplate(other).executeWithoutResult(inner -> {});
                transaction(TransactionDefinition.PROPAGATION_REQUIRES_NEW).executeWithoutResult(inner -> publish());
                try {
                    transaction(TransactionDefinition.PROPAGATION_REQUIRED).executeWithoutResult(inner -> publish());
                } catch (IllegalTransactionStateException e) {
                    refusals.add(e);
                }
            }
        };
        runsInTransaction(afterwards);
        database.transaction().executeWithoutResult(status -> {
            publish();
            TransactionSynchronizationManager.registerSynchronization(afterwards);
            status.setRollbackOnly();
        });

        assertThat(refusals).hasSize(2).allSatisfy(refusal -> assertThat(refusal)
                .hasMessageContaining("already ended"));
        assertThat(outbox.prepared).hasSize(2);
        assertThat(outbox.left).hasSize(2);
        assertThat(TransactionSynchronizationManager.getResourceMap()).isEmpty();
    }

    @Test
    void takesAMessageOfAnUnmarkedManagersNewTransactionAfterACompletion() {
        JdbcTransactionManager unmarked = new JdbcTransactionManager(database.dataSource());
        runsInTransaction(new TransactionSynchronization() {
            @Override
            public void afterCompletion(int status) {
                TransactionTemplate template = new TransactionTemplate(unmarked);
                template.setPropagationBehavior(TransactionDefinition.PROPAGATION_REQUIRES_NEW);
                template.executeWithoutResult(inner -> publish());
            }
        });

        assertThat(outbox.left).hasSize(1);
    }

    @Test
    void takesAMessageOfANewTransactionAfterTheCommit() {
        runsInTransaction(new TransactionSynchronization() {
            @Override
            public void afterCommit() {
                transaction(TransactionDefinition.PROPAGATION_REQUIRES_NEW).executeWithoutResult(status -> publish());
            }
        });

        assertThat(outbox.left).hasSize(1);
    }

    @Test
    void writesAFirstMessageOfSomebodysCommitCallbacksAtOnce() {
        runsInTransaction(new TransactionSynchronization() {
            @Override
            public void beforeCommit(boolean readOnly) {
                publish();
                assertThat(outbox.prepared).hasSize(1);
            }
        });
        runsInTransaction(new TransactionSynchronization() {
            @Override
            public void beforeCompletion() {
                publish();
            }
        });

        assertThat(outbox.left).hasSize(2);
        assertThat(outbox.outcomes).containsOnly("committed");
    }

    @Test
    void collectsAMessageThatANewTransactionPublishesWithinSomebodysBeforeCommit() {
        List<Integer> prepared = new ArrayList<>();
        runsInTransaction(new TransactionSynchronization() {
            @Override
            public void beforeCommit(boolean readOnly) {
                transaction(TransactionDefinition.PROPAGATION_REQUIRES_NEW).executeWithoutResult(status -> {
                    publish();
                    prepared.add(outbox.prepared.size());
                });
            }
        });

        assertThat(prepared).containsExactly(0);
        assertThat(outbox.left).hasSize(1);
    }

    @Test
    void aMessageThatIsFirstPublishedWhileTheTransactionRollsBackIsGone() {
        database.transaction().executeWithoutResult(status -> {
            TransactionSynchronizationManager.registerSynchronization(new TransactionSynchronization() {
                @Override
                public void beforeCompletion() {
                    publish();
                }
            });
            status.setRollbackOnly();
        });

        assertThat(outbox.prepared).isEmpty();
    }

    /** As the transaction manager of a message broker is. */
    @Test
    void refusesTheTransactionOfSomethingElseThanADatabaseInsideOfOne() {
        AbstractPlatformTransactionManager other = new WithoutDatabase();
        TransactionMarks.on(other);

        assertThatExceptionOfType(IllegalTransactionStateException.class)
                .isThrownBy(() -> database.transaction().executeWithoutResult(outer -> new TransactionTemplate(other)
                        .executeWithoutResult(inner -> publish())))
                .withMessageContaining("a broker");
    }

    @Test
    void doesNotSayWhatAManagerIsOnThatTellsNothing() {
        TransactionManager unknown = (TransactionManager) Proxy.newProxyInstance(
                getClass().getClassLoader(),
                new Class<?>[] {PlatformTransactionManager.class},
                (proxy, method, arguments) -> method.invoke(database.transactions(), arguments));

        assertThat(TransactionMarks.resourceOf(unknown)).isNull();
        assertThat(TransactionMarks.resourceOf(database.transactions())).isSameAs(database.dataSource());
    }

    private static final class WithoutDatabase extends AbstractPlatformTransactionManager
            implements ResourceTransactionManager {

        @Override
        public Object getResourceFactory() {
            return "a broker";
        }

        @Override
        protected Object doGetTransaction() {
            return new Object();
        }

        @Override
        protected void doBegin(Object transaction, TransactionDefinition definition) {}

        @Override
        protected void doCommit(DefaultTransactionStatus status) {}

        @Override
        protected void doRollback(DefaultTransactionStatus status) {}
    }
}
