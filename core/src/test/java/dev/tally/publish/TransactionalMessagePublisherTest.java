package dev.tally.publish;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tally.message.Headers;
import dev.tally.message.JacksonPayloadCodec;
import dev.tally.message.Message;
import dev.tally.message.MessageId;
import dev.tally.message.PayloadUnwritableException;
import dev.tally.testing.RecordingPath;
import dev.tally.testing.TestDatabase;
import dev.tally.testkit.scenario.Scenario;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.aop.framework.ProxyFactory;
import org.springframework.jdbc.datasource.DataSourceTransactionManager;
import org.springframework.transaction.IllegalTransactionStateException;
import org.springframework.transaction.TransactionDefinition;
import org.springframework.transaction.TransactionSystemException;
import org.springframework.transaction.TransactionTimedOutException;
import org.springframework.transaction.UnexpectedRollbackException;
import org.springframework.transaction.interceptor.RollbackRuleAttribute;
import org.springframework.transaction.interceptor.RuleBasedTransactionAttribute;
import org.springframework.transaction.interceptor.TransactionInterceptor;
import org.springframework.transaction.support.DefaultTransactionStatus;
import org.springframework.transaction.support.TransactionSynchronization;
import org.springframework.transaction.support.TransactionSynchronizationManager;
import org.springframework.transaction.support.TransactionTemplate;
import tools.jackson.databind.json.JsonMapper;

class TransactionalMessagePublisherTest {

    record Placed(String order) {}

    private final TestDatabase database = TestDatabase.h2();
    private final RecordingPath outbox = new RecordingPath();
    private final RecordingPath half = new RecordingPath();
    private final List<String> events = new ArrayList<>();
    private final List<Headers> headers = new ArrayList<>();
    private final AtomicInteger counter = new AtomicInteger();
    private TransactionalMessagePublisher publisher;

    @BeforeEach
    void createPublisher() {
        publisher = publisher(List.of());
    }

    private TransactionalMessagePublisher publisher(List<PendingChanges> pending) {
        return new TransactionalMessagePublisher(
                new JacksonPayloadCodec(new JsonMapper()),
                () -> new MessageId("m" + counter.incrementAndGet()),
                database.dataSource(),
                Map.of(Via.OUTBOX, outbox, Via.HALF_MESSAGE, half),
                pending,
                new PublishListener() {
                    @Override
                    public void published(Message message, Via via) {
                        events.add("published " + message.id());
                        headers.add(message.headers());
                    }

                    @Override
                    public void committed(int count) {
                        events.add("committed " + count);
                    }

                    @Override
                    public void rolledBack(int count) {
                        events.add("rolledBack " + count);
                    }

                    @Override
                    public void unknown(int count) {
                        events.add("unknown " + count);
                    }
                },
                InstantSource.system());
    }

    @AfterEach
    void leavesNothingOnTheThread() {
        assertThat(TransactionSynchronizationManager.getResourceMap()).isEmpty();
        database.close();
    }

    private MessageId publish() {
        return publisher.publish("orders", "o-1", new Placed("o-1"));
    }

    private TransactionTemplate nested(int propagation) {
        TransactionTemplate template = database.transaction();
        template.setPropagationBehavior(propagation);
        return template;
    }

    private static List<MessageId> ids(String... values) {
        return java.util.Arrays.stream(values).map(MessageId::new).toList();
    }

    @Scenario("messaging-3")
    @Test
    void messagesOfACommittedTransactionLeaveInOneCallForEachPath() {
        database.transaction().executeWithoutResult(status -> {
            publish();
            publish();
            publisher.publish(OutgoingMessage.to("orders")
                    .payload(new Placed("x"))
                    .via(Via.HALF_MESSAGE)
                    .build());
            assertThat(outbox.prepared).isEmpty();
        });

        assertThat(outbox.prepared).containsExactly(ids("m1", "m2"));
        assertThat(half.prepared).containsExactly(ids("m3"));
        assertThat(outbox.outcomes).containsExactly("committed");
        assertThat(half.outcomes).containsExactly("committed");
        assertThat(events).containsExactly("published m1", "published m2", "published m3", "committed 3");
    }

    @Test
    void aMessageForLaterSaysWhenAndOneForTheTimeBeforeLeavesAtOnce() {
        Instant later = Instant.now().plus(Duration.ofDays(10)).truncatedTo(ChronoUnit.MILLIS);
        database.transaction().executeWithoutResult(status -> {
            publisher.publish(OutgoingMessage.to("orders")
                    .payload(new Placed("x"))
                    .delay(Duration.ofSeconds(1))
                    .deliverAt(later)
                    .build());
            publisher.publish(OutgoingMessage.to("orders")
                    .payload(new Placed("y"))
                    .deliverAt(Instant.EPOCH)
                    .build());
        });

        assertThat(headers.get(0).asMap())
                .containsEntry(Headers.DELIVER_AT, Long.toString(later.toEpochMilli()))
                .doesNotContainKey(Headers.DELAY);
        assertThat(headers.get(1).asMap()).doesNotContainKeys(Headers.DELIVER_AT, Headers.DELAY);
    }

    @Scenario("messaging-3")
    @Test
    void messagesOfARolledBackTransactionDoNotLeave() {
        assertThatThrownBy(() -> database.transaction().executeWithoutResult(status -> {
                    publish();
                    throw new IllegalStateException("business");
                }))
                .hasMessage("business");

        assertThat(outbox.prepared).isEmpty();
        assertThat(events).contains("rolledBack 1");
    }

    @Scenario("messaging-3")
    @Test
    void messagesOfARollbackOnlyTransactionDoNotLeave() {
        database.transaction().executeWithoutResult(status -> {
            publish();
            status.setRollbackOnly();
        });

        assertThat(outbox.prepared).isEmpty();
    }

    @Scenario("messaging-3")
    @Test
    void messagesDoNotLeaveWhenAnInnerParticipantDoomedTheTransaction() {
        assertThatExceptionOfType(UnexpectedRollbackException.class)
                .isThrownBy(() -> database.transaction().executeWithoutResult(status -> {
                    publish();
                    try {
                        database.transaction().executeWithoutResult(inner -> {
                            throw new IllegalStateException("inner");
                        });
                    } catch (IllegalStateException expected) {
                        publish();
                    }
                }));

        assertThat(outbox.left).isEmpty();
        assertThat(events).endsWith("rolledBack 2");
    }

    @Scenario("messaging-3")
    @Test
    void messagesOfATimedOutTransactionDoNotLeave() {
        TransactionTemplate template = database.transaction();
        template.setTimeout(1);
        assertThatExceptionOfType(TransactionTimedOutException.class)
                .isThrownBy(() -> template.executeWithoutResult(status -> {
                    publish();
                    org.awaitility.Awaitility.await()
                            .ignoreExceptions()
                            .pollInSameThread()
                            .until(() -> {
                                try {
                                    database.business("x");
                                    return false;
                                } catch (TransactionTimedOutException e) {
                                    return true;
                                }
                            });
                    database.business("x");
                }));

        assertThat(outbox.left).isEmpty();
        assertThat(database.business()).isEmpty();
    }

    @Scenario("messaging-3")
    @Test
    void refusesToPublishInAReadOnlyTransaction() {
        TransactionTemplate readOnly = database.transaction();
        readOnly.setReadOnly(true);

        assertThatExceptionOfType(IllegalTransactionStateException.class)
                .isThrownBy(() -> readOnly.executeWithoutResult(status -> publish()))
                .withMessageContaining("'orders'")
                .withMessageContaining("read-only");
    }

    @Test
    void refusesToPublishOutsideATransactionAndSaysHowToFix() {
        assertThatExceptionOfType(IllegalTransactionStateException.class)
                .isThrownBy(this::publish)
                .withMessageContaining("there is no transaction")
                .withMessageContaining("@Transactional");
    }

    @Test
    void refusesToPublishInATransactionOfAnotherDatabase() {
        try (TestDatabase other = TestDatabase.h2()) {
            assertThatExceptionOfType(IllegalTransactionStateException.class)
                    .isThrownBy(() -> other.transaction().executeWithoutResult(status -> publish()))
                    .withMessageContaining("not one on the data source");
        }
    }

    @Test
    void refusesToPublishInATransactionOfAnotherDatabaseAlsoAfterAStatementOnOurs() {
        try (TestDatabase other = TestDatabase.h2()) {
            assertThatExceptionOfType(IllegalTransactionStateException.class)
                    .isThrownBy(() -> other.transaction().executeWithoutResult(status -> {
                        database.business(); // binds a connection of ours that commits by itself
                        publish();
                    }))
                    .withMessageContaining("not one on the data source");
        }
    }

    @Scenario("messaging-3")
    @Test
    void messagesOfARequiresNewLeaveThoughTheOuterTransactionRollsBack() {
        database.transaction().executeWithoutResult(outer -> {
            publish();
            nested(TransactionDefinition.PROPAGATION_REQUIRES_NEW).executeWithoutResult(inner -> publish());
            assertThat(outbox.left).containsExactlyElementsOf(ids("m2"));
            publish();
            outer.setRollbackOnly();
        });

        assertThat(outbox.left).containsExactlyElementsOf(ids("m2"));
    }

    @Scenario("messaging-3")
    @Test
    void messagesOfTheOuterTransactionLeaveThoughARequiresNewInsideRollsBack() {
        database.transaction().executeWithoutResult(outer -> {
            publish();
            nested(TransactionDefinition.PROPAGATION_REQUIRES_NEW).executeWithoutResult(inner -> {
                publish();
                inner.setRollbackOnly();
            });
            publish();
        });

        assertThat(outbox.prepared).containsExactly(ids("m1", "m3"));
        assertThat(outbox.left).containsExactlyElementsOf(ids("m1", "m3"));
    }

    @Scenario("messaging-3")
    @Test
    void messagesOfARolledBackSavepointDoNotLeave() {
        database.transaction().executeWithoutResult(outer -> {
            publish();
            nested(TransactionDefinition.PROPAGATION_NESTED).executeWithoutResult(inner -> {
                publish();
                inner.setRollbackOnly();
            });
            nested(TransactionDefinition.PROPAGATION_NESTED).executeWithoutResult(inner -> publish());
            publish();
        });

        assertThat(outbox.left).containsExactlyElementsOf(ids("m1", "m3", "m4"));
        assertThat(events).contains("rolledBack 1").endsWith("committed 3");
    }

    @Scenario("messaging-3")
    @Test
    void messagesOfARolledBackSavepointDoNotLeaveWhenTheyWereTheFirst() {
        database.transaction().executeWithoutResult(outer -> {
            nested(TransactionDefinition.PROPAGATION_NESTED).executeWithoutResult(inner -> {
                publish();
                nested(TransactionDefinition.PROPAGATION_NESTED).executeWithoutResult(innermost -> publish());
                inner.setRollbackOnly();
            });
            publish();
        });

        assertThat(outbox.left).containsExactlyElementsOf(ids("m3"));
    }

    @Scenario("messaging-3")
    @Test
    void aSavepointThatIsRolledBackTwiceDropsOnlyWhatCameAfterIt() {
        database.transaction().executeWithoutResult(status -> {
            publish();
            Object savepoint = status.createSavepoint();
            publish();
            status.rollbackToSavepoint(savepoint);
            publish();
            status.rollbackToSavepoint(savepoint);
            publish();
        });

        assertThat(outbox.left).containsExactlyElementsOf(ids("m1", "m4"));
    }

    interface Business {
        void run() throws IOException;
    }

    private Business transactional(RollbackRuleAttribute... rules) {
        RuleBasedTransactionAttribute attribute = new RuleBasedTransactionAttribute();
        attribute.setRollbackRules(List.of(rules));
        Business target = () -> {
            publish();
            throw new IOException("checked");
        };
        ProxyFactory factory = new ProxyFactory(
                Business.class,
                new TransactionInterceptor(
                        (org.springframework.transaction.TransactionManager) database.transactions(),
                        (method, type) -> attribute));
        factory.setTarget(target);
        return (Business) factory.getProxy();
    }

    @Scenario("messaging-3")
    @Test
    void aCheckedExceptionCommitsAndItsMessagesLeave() {
        assertThatThrownBy(transactional()::run).isInstanceOf(IOException.class);

        assertThat(outbox.left).containsExactlyElementsOf(ids("m1"));
    }

    @Scenario("messaging-3")
    @Test
    void aCheckedExceptionNamedInRollbackForKeepsTheMessages() {
        assertThatThrownBy(transactional(new RollbackRuleAttribute(IOException.class))::run)
                .isInstanceOf(IOException.class);

        assertThat(outbox.left).isEmpty();
        assertThat(events).endsWith("rolledBack 1");
    }

    @Test
    void aPathThatPreparedIsToldWhenTheNextOneFails() {
        outbox.failWith(new IllegalStateException("table full"));

        assertThatThrownBy(() -> database.transaction().executeWithoutResult(status -> {
                    database.business("row");
                    publisher.publish(OutgoingMessage.to("t")
                            .payload(new Placed("x"))
                            .via(Via.HALF_MESSAGE)
                            .build());
                    publish();
                }))
                .hasMessage("table full");

        assertThat(half.outcomes).containsExactly("rolledBack");
        assertThat(database.business()).isEmpty();
    }

    @Test
    void aPathIsToldThatTheOutcomeIsUnknownWhenTheCommitBreaks() {
        DataSourceTransactionManager breaking = new DataSourceTransactionManager(database.dataSource()) {
            @Override
            protected void doCommit(DefaultTransactionStatus status) {
                throw new TransactionSystemException("connection lost");
            }
        };
        assertThatThrownBy(() -> new TransactionTemplate(breaking).executeWithoutResult(status -> publish()))
                .isInstanceOf(TransactionSystemException.class);

        assertThat(outbox.outcomes).containsExactly("unknown");
        assertThat(events).endsWith("unknown 1");
    }

    @Test
    void aMessagePublishedInSomebodysBeforeCommitLeavesThoughItIsTheFirst() {
        database.transaction()
                .executeWithoutResult(status ->
                        TransactionSynchronizationManager.registerSynchronization(new TransactionSynchronization() {
                            @Override
                            public void beforeCommit(boolean readOnly) {
                                publish();
                                publish();
                            }
                        }));

        assertThat(outbox.left).containsExactlyElementsOf(ids("m1", "m2"));
        assertThat(outbox.outcomes).containsOnly("committed");
    }

    @Test
    void aMessagePublishedInABeforeCommitAfterOursLeaves() {
        database.transaction().executeWithoutResult(status -> {
            publish();
            TransactionSynchronizationManager.registerSynchronization(new TransactionSynchronization() {
                @Override
                public void beforeCommit(boolean readOnly) {
                    publish();
                }
            });
        });

        assertThat(outbox.prepared).containsExactly(ids("m1"), ids("m2"));
        assertThat(outbox.left).containsExactlyElementsOf(ids("m1", "m2"));
    }

    @Test
    void refusesToPublishAfterTheCommit() {
        List<Throwable> thrown = new ArrayList<>();
        database.transaction()
                .executeWithoutResult(status ->
                        TransactionSynchronizationManager.registerSynchronization(new TransactionSynchronization() {
                            @Override
                            public void afterCommit() {
                                try {
                                    publish();
                                } catch (IllegalTransactionStateException e) {
                                    thrown.add(e);
                                }
                            }
                        }));

        assertThat(thrown).singleElement().satisfies(e -> assertThat(e)
                .hasMessageContaining("already ended")
                .hasMessageContaining("REQUIRES_NEW"));
        assertThat(outbox.prepared).isEmpty();
    }

    @Test
    void publishesInANewTransactionAfterTheCommit() {
        database.transaction().executeWithoutResult(status -> {
            publish();
            TransactionSynchronizationManager.registerSynchronization(new TransactionSynchronization() {
                @Override
                public void afterCommit() {
                    nested(TransactionDefinition.PROPAGATION_REQUIRES_NEW).executeWithoutResult(inner -> {
                        TransactionSynchronizationManager.registerSynchronization(new TransactionSynchronization() {});
                        publish();
                    });
                }
            });
        });

        assertThat(outbox.left).containsExactlyInAnyOrderElementsOf(ids("m1", "m2"));
    }

    @Test
    void pendingChangesAreFlushedBeforeThePathsAreCalledAndMayPublishMore() {
        List<String> order = new ArrayList<>();
        publisher = publisher(List.of(() -> {
            order.add("flush, prepared " + outbox.prepared.size());
            publish();
        }));
        database.transaction().executeWithoutResult(status -> publish());

        assertThat(order).containsExactly("flush, prepared 0");
        assertThat(outbox.prepared).containsExactly(ids("m1", "m2"));
    }

    @Test
    void theMessageCarriesWhatTheReceiverNeeds() {
        List<Message> messages = new ArrayList<>();
        TransactionalMessagePublisher capturing = new TransactionalMessagePublisher(
                new JacksonPayloadCodec(new JsonMapper()),
                () -> new MessageId("id"),
                database.dataSource(),
                Map.of(Via.OUTBOX, batch -> {
                    messages.addAll(batch);
                    return new RecordingPath().prepare(batch);
                }),
                List.of(),
                new PublishListener() {},
                InstantSource.system());
        database.transaction()
                .executeWithoutResult(status -> capturing.publish(OutgoingMessage.to("orders")
                        .tag("new")
                        .key("k")
                        .header("trace", "1")
                        .payload(new Placed("7"))
                        .build()));

        Message message = messages.get(0);
        assertThat(message.type()).isEqualTo("Placed");
        assertThat(message.key()).isEqualTo("k");
        assertThat(message.destination().tag()).isEqualTo("new");
        assertThat(message.headers().get("trace")).isEqualTo("1");
        assertThat(message.headers().get(Headers.CONTENT_TYPE)).isEqualTo("application/json");
        assertThat(message.payload()).asString().isEqualTo("{\"order\":\"7\"}");
    }

    @Test
    void refusesAPayloadThatCannotBeEncodedAndAWayThatIsMissing() {
        Object unwritable = new Object() {
            public String getBroken() {
                throw new IllegalStateException("broken");
            }
        };
        assertThatExceptionOfType(PayloadUnwritableException.class).isThrownBy(() -> database.transaction()
                .executeWithoutResult(status -> publisher.publish("t", null, unwritable)));

        TransactionalMessagePublisher none = new TransactionalMessagePublisher(
                new JacksonPayloadCodec(new JsonMapper()),
                () -> new MessageId("id"),
                database.dataSource(),
                Map.of(),
                List.of(),
                new PublishListener() {},
                InstantSource.system());
        assertThatExceptionOfType(PathMissingException.class).isThrownBy(() -> database.transaction()
                .executeWithoutResult(status -> none.publish("t", null, new Placed("1"))));
    }

    @Test
    void refusesWhatItsPathCanNeverSendAndTheCallerMayGoOn() {
        outbox.refuse(message -> message.payload().length > 40 ? "its payload has more than 40 bytes" : null);
        new TransactionTemplate(new DataSourceTransactionManager(database.dataSource()))
                .executeWithoutResult(status -> {
                    assertThatThrownBy(() -> publisher.publish(OutgoingMessage.to("orders")
                                    .payload(new Placed("x".repeat(50)))
                                    .build()))
                            .isInstanceOf(MessageRefusedException.class)
                            .hasMessageContaining("'orders'")
                            .hasMessageContaining("m1")
                            .hasMessageContaining("more than 40 bytes");
                    publisher.publish(OutgoingMessage.to("orders")
                            .payload(new Placed("small"))
                            .build());
                });

        assertThat(outbox.left).containsExactly(new MessageId("m2"));
    }
}
