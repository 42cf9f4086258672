package dev.tally.consume;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tally.message.Destination;
import dev.tally.message.Headers;
import dev.tally.message.JacksonPayloadCodec;
import dev.tally.message.Message;
import dev.tally.message.MessageId;
import dev.tally.message.MessageType;
import dev.tally.testing.TestDatabase;
import dev.tally.testkit.scenario.Scenario;
import dev.tally.transport.DeliveryOutcome;
import dev.tally.transport.DeliveryOutcome.DeadLetter;
import dev.tally.transport.DeliveryOutcome.Delivered;
import dev.tally.transport.DeliveryOutcome.Retry;
import dev.tally.transport.ReceivedMessage;
import dev.tally.transport.Subscription;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.dao.CannotAcquireLockException;
import org.springframework.jdbc.support.JdbcTransactionManager;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.TransactionSystemException;
import org.springframework.transaction.support.DefaultTransactionStatus;
import org.springframework.transaction.support.TransactionSynchronization;
import org.springframework.transaction.support.TransactionSynchronizationManager;
import tools.jackson.databind.json.JsonMapper;

/** One effect for each message, on every database. */
abstract class IdempotentHandlerContract {

    sealed interface OrderEvent permits Placed, Cancelled {}

    @MessageType("order-placed")
    record Placed(String order) implements OrderEvent {}

    record Cancelled(String order) implements OrderEvent {}

    private final ExecutorService threads = Executors.newFixedThreadPool(4);
    private final List<String> events = new CopyOnWriteArrayList<>();
    private final List<MessageContext> contexts = new CopyOnWriteArrayList<>();
    private ConsumeFailureRules rules = ConsumeFailureRules.RETRY;
    private TestDatabase database;

    abstract TestDatabase createDatabase();

    @BeforeEach
    void create() {
        database = createDatabase();
    }

    @AfterEach
    void close() {
        threads.shutdownNow();
        database.close();
    }

    private IdempotentHandler handler(boolean ordered, PayloadHandler business) {
        return handler(ordered, OrderEvent.class, business, database.transactions());
    }

    private IdempotentHandler handler(
            boolean ordered, Class<?> type, PayloadHandler business, PlatformTransactionManager transactions) {
        ConsumeListener listener = new ConsumeListener() {
            @Override
            public void handled(String topic, String group, Duration took) {
                events.add("handled");
            }

            @Override
            public void duplicate(String topic, String group) {
                events.add("duplicate");
            }

            @Override
            public void failed(String topic, String group, Duration took, String reason) {
                events.add("failed " + reason);
            }

            @Override
            public void takenApart(String topic, String group, int messages, String reason) {
                events.add("takenApart " + messages + " " + reason);
            }

            @Override
            public void skipped(String topic, String group, String reason) {
                events.add("skipped " + reason);
            }

            @Override
            public void stopped(String topic, String group, String reason) {
                events.add("stopped " + reason);
            }

            @Override
            public void deadLettered(String topic, String group, String reason) {
                events.add("deadLettered");
            }
        };
        return new IdempotentHandler(
                new Subscription("orders", "stock", "*", 4, ordered, 16),
                type,
                business,
                parts(transactions).with(listener).with(rules));
    }

    private ConsumeParts parts(PlatformTransactionManager transactions) {
        return ConsumeParts.of(
                new JdbcInboxStore(database.dataSource(), database.transactions(), database.dialect()),
                transactions,
                new JacksonPayloadCodec(new JsonMapper()),
                () -> Instant.EPOCH);
    }

    private PayloadHandler writing() {
        return (payload, context) -> {
            contexts.add(context);
            database.business(((Placed) payload).order());
        };
    }

    private PayloadHandler failingFor(String order, Exception failure) {
        return (payload, context) -> {
            database.business(((Placed) payload).order());
            if (((Placed) payload).order().equals(order)) {
                throw failure;
            }
        };
    }

    private static ReceivedMessage received(String id, String type, String payload) {
        Message message = new Message(
                new MessageId(id),
                Destination.topic("orders"),
                "key",
                type,
                Headers.empty(),
                payload.getBytes(StandardCharsets.UTF_8));
        return new ReceivedMessage(message, 3);
    }

    private static List<ReceivedMessage> orders(String... orders) {
        return Arrays.stream(orders)
                .map(order -> received("id-" + order, "order-placed", "{\"order\":\"" + order + "\"}"))
                .toList();
    }

    @Scenario("messaging-23")
    @Test
    void aMessageThatComesAgainIsAcknowledgedAndChangesNothing() {
        IdempotentHandler handler = handler(true, writing());

        assertThat(handler.handle(orders("1"))).containsExactly(new Delivered());
        assertThat(handler.handle(orders("1"))).containsExactly(new Delivered());
        assertThat(handler.handle(orders("2", "2"))).containsExactly(new Delivered(), new Delivered());

        assertThat(database.business()).containsExactly("1", "2");
        assertThat(events).containsExactly("handled", "duplicate", "handled", "duplicate");
        assertThat(contexts.get(0))
                .isEqualTo(new MessageContext(
                        new MessageId("id-1"), "orders", "stock", "key", "order-placed", Headers.empty(), 3));
    }

    /** Two nodes handle two batches at the same time. */
    private List<List<DeliveryOutcome>> handleAtOnce(
            IdempotentHandler handler, List<ReceivedMessage> one, List<ReceivedMessage> other) throws Exception {
        CyclicBarrier start = new CyclicBarrier(2);
        List<CompletableFuture<List<DeliveryOutcome>>> both = new ArrayList<>();
        for (List<ReceivedMessage> batch : List.of(one, other)) {
            both.add(CompletableFuture.supplyAsync(
                    () -> {
                        try {
                            start.await(60, TimeUnit.SECONDS);
                        } catch (Exception e) {
                            throw new IllegalStateException(e);
                        }
                        return handler.handle(batch);
                    },
                    threads));
        }
        return List.of(both.get(0).get(60, TimeUnit.SECONDS), both.get(1).get(60, TimeUnit.SECONDS));
    }

    @Scenario("messaging-23")
    @Test
    void concurrentDuplicatesHaveOneEffectAndNoErrorReachesTheHandler() throws Exception {
        IdempotentHandler handler = handler(true, writing());
        int rounds = 30;
        for (int i = 0; i < rounds; i++) {
            List<ReceivedMessage> batch = orders("order-" + i);
            for (List<DeliveryOutcome> outcomes : handleAtOnce(handler, batch, batch)) {
                assertThat(outcomes).containsExactly(new Delivered());
            }
        }

        assertThat(database.business()).hasSize(rounds).doesNotHaveDuplicates();
        assertThat(events.stream().filter("duplicate"::equals)).hasSize(rounds);
    }

    @Scenario("messaging-23")
    @Test
    void deliveriesThatWaitForOneThatFailsHaveOneEffectAndNoErrorOfTheirOwn() throws Exception {
        int rounds = 6;
        for (int i = 0; i < rounds; i++) {
            List<ReceivedMessage> batch = orders("order-" + i);
            CountDownLatch first = new CountDownLatch(1);
            CountDownLatch othersCome = new CountDownLatch(3);
            IdempotentHandler failing = handler(true, (payload, context) -> {
                first.countDown();
                assertThat(othersCome.await(60, TimeUnit.SECONDS)).isTrue();
                // Long enough for the others to wait for this transaction's row, on most machines.
                for (int effect = 0; effect < 100; effect++) {
                    database.business("taken back");
                }
                throw new IllegalStateException("out of stock");
            });
            CompletableFuture<List<DeliveryOutcome>> failed =
                    CompletableFuture.supplyAsync(() -> failing.handle(batch), threads);
            assertThat(first.await(60, TimeUnit.SECONDS)).isTrue();
            IdempotentHandler handler = handler(true, writing());
            List<CompletableFuture<List<DeliveryOutcome>>> others = new ArrayList<>();
            for (int node = 0; node < 3; node++) {
                others.add(CompletableFuture.supplyAsync(
                        () -> {
                            othersCome.countDown();
                            return handler.handle(batch);
                        },
                        threads));
            }
            assertThat(failed.get(60, TimeUnit.SECONDS)).singleElement().isInstanceOf(Retry.class);
            for (CompletableFuture<List<DeliveryOutcome>> outcome : others) {
                assertThat(outcome.get(60, TimeUnit.SECONDS)).containsExactly(new Delivered());
            }
        }

        assertThat(database.business()).hasSize(rounds).doesNotHaveDuplicates();
        assertThat(events.stream().filter("duplicate"::equals)).hasSize(2 * rounds);
    }

    @Scenario("messaging-24")
    @Test
    void aFailureInAnOrderedSubscriptionHoldsTheOnesBehindIt() {
        IdempotentHandler handler = handler(true, failingFor("2", new IllegalStateException("out of stock")));

        List<DeliveryOutcome> outcomes = handler.handle(orders("1", "2", "3"));

        assertThat(outcomes)
                .containsExactly(
                        new Delivered(),
                        new Retry("IllegalStateException: out of stock"),
                        new Retry("it waits for the one before it, id-2"));
        assertThat(database.business()).containsExactly("1");
        assertThat(handler(true, writing()).handle(orders("2", "3"))).containsExactly(new Delivered(), new Delivered());
        assertThat(database.business()).containsExactly("1", "2", "3");
    }

    @Scenario("messaging-24")
    @Test
    void aFailureInAnUnorderedSubscriptionIsRetriedAlone() {
        IdempotentHandler handler = handler(false, failingFor("7", new java.io.IOException("checked")));
        List<DeliveryOutcome> outcomes = handler.handle(orders("1", "2", "3", "4", "5", "6", "7", "8", "9"));

        assertThat(outcomes.stream().filter(Delivered.class::isInstance)).hasSize(8);
        assertThat(outcomes.get(6)).isEqualTo(new Retry("IOException: checked"));
        assertThat(database.business()).doesNotContain("7").hasSize(8);
    }

    /** Counts the transactions that the handler commits. */
    private JdbcTransactionManager counting(AtomicInteger commits) {
        return new JdbcTransactionManager(database.dataSource()) {
            @Override
            protected void doCommit(DefaultTransactionStatus status) {
                super.doCommit(status);
                commits.incrementAndGet();
            }
        };
    }

    private static String[] numbers(int first, int last) {
        return IntStream.rangeClosed(first, last).mapToObj(Integer::toString).toArray(String[]::new);
    }

    @Test
    void messagesThatComeTogetherShareATransactionAndKeepTheirOrder() {
        AtomicInteger commits = new AtomicInteger();
        IdempotentHandler handler = handler(true, OrderEvent.class, writing(), counting(commits));
        handler.handle(orders("3", "5"));

        List<DeliveryOutcome> outcomes = handler.handle(orders(numbers(1, 32)));

        assertThat(outcomes).hasSize(32).containsOnly(new Delivered());
        assertThat(commits).hasValue(2);
        assertThat(contexts.stream().skip(2).map(context -> context.id().value()))
                .containsExactlyElementsOf(Arrays.stream(numbers(1, 32))
                        .filter(number -> !number.equals("3") && !number.equals("5"))
                        .map(number -> "id-" + number)
                        .toList());
        assertThat(database.business()).hasSize(32).doesNotHaveDuplicates();
        assertThat(events.stream().filter("duplicate"::equals)).hasSize(2);
    }

    @Scenario("messaging-24")
    @Test
    void ofABatchInWhichOneFailsTheOthersTakeEffectAndItAloneIsRetried() {
        IdempotentHandler handler = handler(false, failingFor("20", new IllegalStateException("out of stock")));

        List<DeliveryOutcome> outcomes = handler.handle(orders(numbers(1, 32)));

        assertThat(outcomes.stream().filter(Delivered.class::isInstance)).hasSize(31);
        assertThat(outcomes.get(19)).isEqualTo(new Retry("IllegalStateException: out of stock"));
        assertThat(database.business()).hasSize(31).doesNotContain("20").doesNotHaveDuplicates();
        assertThat(events.get(0)).isEqualTo("takenApart 32 IllegalStateException: out of stock");
        assertThat(events.stream().filter("handled"::equals)).hasSize(31);
    }

    @Scenario("messaging-25")
    @Test
    void aBatchWhoseCommitSeemedToFailHasNoSecondEffect() {
        AtomicInteger lost = new AtomicInteger(1);
        JdbcTransactionManager answerLost = new JdbcTransactionManager(database.dataSource()) {
            @Override
            protected void doCommit(DefaultTransactionStatus status) {
                super.doCommit(status);
                if (lost.getAndDecrement() > 0) {
                    throw new TransactionSystemException("connection lost during commit");
                }
            }
        };

        assertThat(handler(true, OrderEvent.class, writing(), answerLost).handle(orders(numbers(1, 5))))
                .hasSize(5)
                .containsOnly(new Delivered());

        assertThat(database.business()).hasSize(5).doesNotHaveDuplicates();
    }

    @Scenario("messaging-23")
    @Test
    void batchesThatOverlapOnTwoNodesHaveOneEffectForEachMessage() throws Exception {
        IdempotentHandler handler = handler(false, writing());
        int rounds = 20;
        for (int i = 0; i < rounds; i++) {
            List<ReceivedMessage> there = orders(numbers(i * 100, i * 100 + 20));
            List<ReceivedMessage> back = new ArrayList<>(orders(numbers(i * 100 + 10, i * 100 + 30)));
            Collections.reverse(back);
            for (List<DeliveryOutcome> outcomes : handleAtOnce(handler, there, back)) {
                assertThat(outcomes).containsOnly(new Delivered());
            }
        }

        assertThat(database.business()).hasSize(31 * rounds).doesNotHaveDuplicates();
    }

    @Test
    void aSubscriptionWithoutBatchesGivesEachMessageATransaction() {
        AtomicInteger commits = new AtomicInteger();
        IdempotentHandler handler = new IdempotentHandler(
                new Subscription("orders", "stock", "*", 4, true, 16).withBatch(1),
                OrderEvent.class,
                writing(),
                parts(counting(commits)));

        handler.handle(orders(numbers(1, 5)));

        assertThat(commits).hasValue(5);
    }

    @Scenario("messaging-25")
    @Test
    void aMessageRedeliveredAfterACommitThatSeemedToFailHasNoSecondEffect() {
        JdbcTransactionManager answerLost = new JdbcTransactionManager(database.dataSource()) {
            @Override
            protected void doCommit(DefaultTransactionStatus status) {
                super.doCommit(status);
                throw new TransactionSystemException("connection lost during commit");
            }
        };
        assertThat(handler(true, OrderEvent.class, writing(), answerLost).handle(orders("1")))
                .singleElement()
                .isInstanceOf(Retry.class);
        assertThat(handler(true, writing()).handle(orders("1"))).containsExactly(new Delivered());

        assertThat(database.business()).containsExactly("1");
    }

    private void ruling(Class<? extends Throwable> failure, FailureAction action) {
        rules = (message, thrown) -> failure.isInstance(thrown) ? action : FailureAction.RETRY;
    }

    @Scenario("messaging-24")
    @Test
    void aFailureThatIsToBeDeadLetteredIsAtOnceAndItsKeyGoesOn() {
        ruling(IllegalStateException.class, FailureAction.DEAD_LETTER);
        IdempotentHandler handler = handler(true, failingFor("2", new IllegalStateException("out of stock")));

        assertThat(handler.handle(orders("1", "2", "3")))
                .containsExactly(
                        new Delivered(), new DeadLetter("IllegalStateException: out of stock"), new Delivered());
        assertThat(database.business()).containsExactly("1", "3");
    }

    @Scenario("messaging-24")
    @Test
    void aFailureThatIsToBeSkippedHasNoEffectAndIsADuplicateFromThenOn() {
        ruling(IllegalStateException.class, FailureAction.SKIP);

        assertThat(handler(true, failingFor("2", new IllegalStateException("out of stock")))
                        .handle(orders("1", "2", "3")))
                .containsOnly(new Delivered());
        assertThat(handler(true, writing()).handle(orders("2"))).containsExactly(new Delivered());

        assertThat(database.business()).containsExactly("1", "3");
        assertThat(events).contains("skipped IllegalStateException: out of stock", "duplicate");
    }

    @Scenario("messaging-24")
    @Test
    void aFailureThatIsToStopTheConsumerKeepsItAndAllBehindIt() {
        ruling(IllegalStateException.class, FailureAction.STOP);
        DeliveryOutcome stop = new DeliveryOutcome.Stop("message id-2: IllegalStateException: out of stock");

        assertThat(handler(false, failingFor("2", new IllegalStateException("out of stock")))
                        .handle(orders("1", "2", "3")))
                .containsExactly(new Delivered(), stop, stop);
        assertThat(database.business()).containsExactly("1");
        assertThat(handler(false, writing()).handle(orders("2", "3"))).containsOnly(new Delivered());
        assertThat(database.business()).containsExactly("1", "2", "3");
    }

    @Test
    void rulesThatFailLetTheMessageBeTriedAgain() {
        rules = (message, failure) -> {
            throw new IllegalArgumentException("rules");
        };

        assertThat(handler(true, failingFor("1", new IllegalStateException("out of stock")))
                        .handle(orders("1")))
                .containsExactly(new Retry("IllegalStateException: out of stock"));
    }

    @Test
    void whatRefusesTheCommitOfOneMessageDoesNotRefuseTheOthers() {
        IdempotentHandler handler = handler(true, (payload, context) -> {
            String order = ((Placed) payload).order();
            database.business(order);
            if (order.equals("2")) {
                TransactionSynchronizationManager.registerSynchronization(new TransactionSynchronization() {
                    @Override
                    public void beforeCommit(boolean readOnly) {
                        throw new IllegalStateException("refused");
                    }
                });
            }
        });

        assertThat(handler.handle(orders("1", "2")))
                .containsExactly(new Delivered(), new Retry("IllegalStateException: refused"));
        assertThat(database.business()).containsExactly("1");
    }

    @Test
    void aDatabaseConflictIsRetried() {
        IdempotentHandler handler = handler(true, failingFor("1", new CannotAcquireLockException("deadlock")));

        assertThat(handler.handle(orders("1"))).singleElement().isInstanceOf(Retry.class);
        assertThat(database.business()).isEmpty();
    }

    @Test
    void aTransactionThatTheHandlerDoomedIsRetried() {
        IdempotentHandler handler = handler(true, (payload, context) -> {
            database.business("effect");
            try {
                database.transaction().executeWithoutResult(status -> {
                    throw new IllegalStateException("swallowed");
                });
            } catch (IllegalStateException swallowed) {
                database.business("more");
            }
        });

        assertThat(handler.handle(orders("1"))).singleElement().isInstanceOf(Retry.class);
        assertThat(database.business()).isEmpty();
    }

    @Scenario("messaging-27")
    @Test
    void whatCanNeverBeHandledIsDeadLetteredAtOnceAndOthersGoOn() {
        List<DeliveryOutcome> outcomes = handler(true, writing())
                .handle(List.of(
                        received("a", "order-lost", "{}"),
                        received("b", "order-placed", "{\"order\":"),
                        received("c", "order-placed", "{\"order\":\"1\"} trailing"),
                        received("d", "order-placed", ""),
                        received("e", "order-placed", "null"),
                        received("f", "order-placed", "{\"order\":\"good\"}")));

        assertThat(outcomes.subList(0, 5)).allMatch(DeadLetter.class::isInstance);
        assertThat(((DeadLetter) outcomes.get(0)).reason())
                .contains("order-lost")
                .contains("Cancelled, order-placed");
        assertThat(outcomes.get(5)).isEqualTo(new Delivered());
        assertThat(database.business()).containsExactly("good");
        assertThat(events)
                .containsExactly(
                        "deadLettered", "deadLettered", "deadLettered", "deadLettered", "deadLettered", "handled");
    }
}
