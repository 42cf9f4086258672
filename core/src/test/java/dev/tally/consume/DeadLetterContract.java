package dev.tally.consume;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.tally.audit.JdbcAuditLog;
import dev.tally.consume.deadletter.DeadLetter;
import dev.tally.consume.deadletter.DeadLetterFailure;
import dev.tally.consume.deadletter.DeadLetterFilter;
import dev.tally.consume.deadletter.DeadLetterOperations;
import dev.tally.consume.deadletter.DeadLetterReplay;
import dev.tally.consume.deadletter.JdbcDeadLetterStore;
import dev.tally.consume.deadletter.ListedDeadLetter;
import dev.tally.message.Destination;
import dev.tally.message.Headers;
import dev.tally.message.JacksonPayloadCodec;
import dev.tally.message.Message;
import dev.tally.message.MessageId;
import dev.tally.message.MessageType;
import dev.tally.testing.TestDatabase;
import dev.tally.testkit.scenario.Scenario;
import dev.tally.transport.DeliveryOutcome;
import dev.tally.transport.DeliveryOutcome.Delivered;
import dev.tally.transport.DeliveryOutcome.Later;
import dev.tally.transport.ReceivedMessage;
import dev.tally.transport.Subscription;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.jdbc.support.JdbcTransactionManager;
import org.springframework.transaction.CannotCreateTransactionException;
import org.springframework.transaction.TransactionDefinition;
import tools.jackson.databind.json.JsonMapper;

/** What becomes of messages that cannot be handled, on every database. */
abstract class DeadLetterContract {

    private static final Instant NOW = Instant.parse("2026-11-22T12:00:00Z");

    @MessageType("order-placed")
    record Placed(String order) {}

    private final ExecutorService threads = Executors.newFixedThreadPool(2);
    private final List<String> calls = Collections.synchronizedList(new ArrayList<>());
    private String failing = "none";
    private TestDatabase database;
    private JdbcDeadLetterStore store;
    private DeadLetterOperations operations;

    abstract TestDatabase createDatabase();

    @BeforeEach
    void create() {
        database = createDatabase();
        store = new JdbcDeadLetterStore(database.dataSource(), database.dialect());
        operations = new DeadLetterOperations(
                store,
                new JdbcAuditLog(database.dataSource(), () -> UUID.randomUUID().toString()),
                database.transactions());
    }

    @AfterEach
    void close() {
        threads.shutdownNow();
        database.close();
    }

    private ConsumeParts parts() {
        return ConsumeParts.of(
                        new JdbcInboxStore(database.dataSource(), database.transactions(), database.dialect()),
                        database.transactions(),
                        new JacksonPayloadCodec(new JsonMapper()),
                        () -> NOW)
                .with(store)
                .with(Duration.ofDays(30));
    }

    private IdempotentHandler handler() {
        return handler(parts());
    }

    private IdempotentHandler handler(ConsumeParts parts) {
        return new IdempotentHandler(
                new Subscription("orders", "stock", "*", 4, true, 3),
                Placed.class,
                (payload, context) -> {
                    String order = ((Placed) payload).order();
                    calls.add(order);
                    database.business(order);
                    if (order.equals(failing)) {
                        throw new IllegalStateException("not settled", new java.io.IOException("out of stock"));
                    }
                },
                parts);
    }

    private static ReceivedMessage received(String id, String key, int attempt, Instant storedAt) {
        return received(id, key, "order-placed", attempt, storedAt);
    }

    private static ReceivedMessage received(String id, String key, String type, int attempt, Instant storedAt) {
        return new ReceivedMessage(
                new Message(
                        new MessageId(id),
                        new Destination("orders", "new"),
                        key,
                        type,
                        Headers.of(Map.of("colour", "grün")),
                        ("{\"order\":\"" + id + "\"}").getBytes(StandardCharsets.UTF_8)),
                attempt,
                storedAt);
    }

    private DeadLetter only() {
        List<ListedDeadLetter> all = store.list(DeadLetterFilter.all(), 10);
        assertThat(all).hasSize(1);
        DeadLetter only = store.find(all.get(0).group(), all.get(0).id());
        assertThat(only).isNotNull();
        assertThat(only.listed()).isEqualTo(all.get(0));
        return only;
    }

    /** Ends up with dead letters of these ids, of which the handler says that there is no stock. */
    private void deadLetter(String key, String... ids) {
        for (String id : ids) {
            failing = id;
            assertThat(handler().handle(List.of(received(id, key, 3, NOW)))).containsExactly(new Delivered());
        }
        failing = "none";
        calls.clear();
    }

    private DeadLetterReplay replay(IdempotentHandler handler) {
        return new DeadLetterReplay(store, new DeadLetterReplay.Handlers() {
            @Override
            public Map<String, Set<String>> topicsByGroup() {
                return Map.of("stock", Set.of("orders"));
            }

            @Override
            public boolean replay(DeadLetter letter) {
                return handler.replay(letter);
            }
        });
    }

    private static DeadLetterOperations.Act act(DeadLetterFilter filter) {
        return new DeadLetterOperations.Act(filter, 100, "ada", "stock has come");
    }

    private static DeadLetterOperations.Pace pace(boolean forced) {
        return new DeadLetterOperations.Pace(Double.POSITIVE_INFINITY, forced);
    }

    @Scenario("messaging-24")
    @Test
    void whatFailsForTheLastTimeIsKeptWithReasonAndStackAndAcknowledged() {
        failing = "1";
        assertThat(handler().handle(List.of(received("1", "key", 2, NOW))).get(0))
                .isInstanceOf(DeliveryOutcome.Retry.class);
        assertThat(store.count(DeadLetterFilter.all())).isZero();

        List<DeliveryOutcome> outcomes =
                handler().handle(List.of(received("1", "key", 3, NOW), received("2", "key", 1, NOW)));

        assertThat(outcomes).containsExactly(new Delivered(), new Delivered());
        DeadLetter letter = only();
        assertThat(letter.group()).isEqualTo("stock");
        assertThat(letter.attempts()).isEqualTo(3);
        assertThat(letter.storedAt()).isEqualTo(NOW);
        assertThat(letter.since()).isNotNull();
        assertThat(letter.replay()).isNull();
        assertThat(letter.failure().reason()).isEqualTo("attempt 3 of 3 failed: IOException: out of stock");
        assertThat(letter.failure().exception()).isEqualTo("java.io.IOException");
        assertThat(letter.failure().stack())
                .startsWith("java.io.IOException: out of stock\n  at dev.tally.consume.DeadLetterContract")
                .contains("behind java.lang.IllegalStateException: not settled");
        Message message = letter.message();
        assertThat(message.destination()).isEqualTo(new Destination("orders", "new"));
        assertThat(message.key()).isEqualTo("key");
        assertThat(message.headers().asMap()).containsExactly(Map.entry("colour", "grün"));
        assertThat(message.payload()).asString(StandardCharsets.UTF_8).isEqualTo("{\"order\":\"1\"}");
        assertThat(database.business()).containsExactly("2");
    }

    @Scenario("messaging-27")
    @Test
    void whatCanNeverBeHandledIsKeptAtOnceAndOthersGoOn() {
        ConsumeParts parts = parts().with((PayloadValidator) payload -> switch (((Placed) payload).order()) {
            case "3" -> List.of("order must not be 3");
            case "5" -> throw new IllegalStateException("no rule");
            default -> List.of();
        });
        IdempotentHandler handler = new IdempotentHandler(
                new Subscription("orders", "stock", "*", 4, true, 3),
                Placed.class,
                new PayloadHandler() {
                    @Override
                    public void handle(Object payload, MessageContext context) {
                        database.business(((Placed) payload).order());
                    }

                    @Override
                    public boolean takesValidOnly() {
                        return true;
                    }
                },
                parts);

        List<DeliveryOutcome> outcomes = handler.handle(List.of(
                received("1", "a", "unheard-of", 1, NOW),
                received("2", "a", "order-placed", 1, NOW),
                received("3", "a", "order-placed", 1, NOW),
                received("4", "b", "order-placed", 1, NOW),
                received("5", "c", "order-placed", 1, NOW)));

        assertThat(outcomes).hasSize(5).containsOnly(new Delivered());
        assertThat(database.business()).containsExactly("2", "4");
        assertThat(store.list(DeadLetterFilter.all(), 10))
                .extracting(ListedDeadLetter::reason)
                .containsExactlyInAnyOrder(
                        "type 'unheard-of' is unknown, this group takes [order-placed]",
                        "its payload is not valid: order must not be 3",
                        "reading its payload failed: IllegalStateException: no rule");
    }

    @Test
    void whileTheDatabaseIsAwayNothingIsDeadLetteredAndNoAttemptCounts() {
        JdbcTransactionManager away = new JdbcTransactionManager(database.dataSource()) {
            @Override
            protected void doBegin(Object transaction, TransactionDefinition definition) {
                throw new CannotCreateTransactionException("no connection");
            }
        };
        ConsumeParts parts = parts();

        List<DeliveryOutcome> outcomes = handler(parts.with(parts.inbox(), away))
                .handle(List.of(received("1", "a", 3, NOW), received("2", "b", 3, NOW)));

        assertThat(outcomes).hasSize(2).hasOnlyElementsOfType(Later.class);
        assertThat(calls).isEmpty();
        assertThat(store.count(DeadLetterFilter.all())).isZero();
    }

    @Test
    void whatCannotBeKeptIsNotAcknowledged() {
        database.jdbc().execute("ALTER TABLE tally_dead_letter RENAME TO away");
        failing = "1";

        List<DeliveryOutcome> outcomes = handler().handle(List.of(received("1", "key", 3, NOW)));

        assertThat(outcomes).hasOnlyElementsOfType(Later.class);
        assertThat(database.business()).isEmpty();
    }

    @Test
    void whatTheTableCannotHoldIsLeftToTheBroker() {
        failing = "1";

        List<DeliveryOutcome> outcomes = handler().handle(List.of(received("1", "k".repeat(2_000), 3, NOW)));

        assertThat(outcomes).hasOnlyElementsOfType(DeliveryOutcome.DeadLetter.class);
        assertThat(store.count(DeadLetterFilter.all())).isZero();
    }

    @Scenario("messaging-32")
    @Test
    void anOldMessageThatTheInboxMayHaveForgottenIsRefusedAndAnOldDuplicateThatItKnowsIsAcknowledged() {
        Instant old = NOW.minus(Duration.ofDays(31));
        IdempotentHandler handler = handler();
        handler.handle(List.of(received("1", "a", 1, NOW), received("2", "a", 1, NOW)));
        database.jdbc().update("DELETE FROM tally_inbox WHERE message_id = '1'");

        List<DeliveryOutcome> outcomes = handler.handle(
                List.of(received("1", "a", 1, old), received("2", "a", 1, old), received("3", "a", 1, NOW)));

        assertThat(outcomes).hasSize(3).containsOnly(new Delivered());
        assertThat(database.business()).containsExactly("1", "2", "3");
        assertThat(only().message().id()).isEqualTo(new MessageId("1"));
        assertThat(only().failure().reason()).contains("nobody can tell whether it has been handled");

        operations.replay(act(DeadLetterFilter.all()), pace(false));
        replay(handler).run();
        assertThat(only().attempts()).isEqualTo(2);
        assertThat(database.business()).containsExactly("1", "2", "3");
    }

    @Scenario("messaging-30")
    @Test
    void aReplayTakesEffectOnceAndSaysWhoAskedForIt() {
        deadLetter("key", "1", "2", "3");

        assertThat(operations.replay(act(DeadLetterFilter.all().withId("2")), pace(false)))
                .isEqualTo(1);
        replay(handler()).run();

        assertThat(calls).containsExactly("2");
        assertThat(database.business()).containsExactly("2");
        assertThat(store.list(DeadLetterFilter.all(), 10))
                .extracting(letter -> letter.id().value())
                .containsExactly("1", "3");
        assertThat(handler().handle(List.of(received("2", "key", 1, NOW)))).containsExactly(new Delivered());
        assertThat(database.business()).containsExactly("2");
        assertThat(database.jdbc().queryForMap("SELECT actor, action, subject, reason, detail FROM tally_audit"))
                .containsEntry("actor", "ada")
                .containsEntry("action", "replay-dead-letters")
                .containsEntry("subject", "2")
                .containsEntry("reason", "stock has come")
                .containsEntry("detail", "1 of at most 100 [id=2], at once");
    }

    @Scenario("messaging-30")
    @Test
    void theInboxDecidesWhatIsADuplicateUnlessTheReplayIsForced() {
        deadLetter("key", "1");
        // It took effect in the meantime, by a reset of positions for instance.
        handler().handle(List.of(received("1", "key", 1, NOW)));
        failing = "2";
        handler().handle(List.of(received("2", "key", 3, NOW)));
        failing = "none";
        handler().handle(List.of(received("2", "key", 1, NOW)));
        calls.clear();

        operations.replay(act(DeadLetterFilter.all().withId("1")), pace(false));
        replay(handler()).run();
        assertThat(calls).isEmpty();

        operations.replay(act(DeadLetterFilter.all().withId("2")), pace(true));
        replay(handler()).run();
        assertThat(calls).containsExactly("2");
        assertThat(database.business()).containsExactly("1", "2", "2");
        assertThat(store.count(DeadLetterFilter.all())).isZero();
        assertThat(database.jdbc().queryForList("SELECT action FROM tally_audit ORDER BY done_at", String.class))
                .containsExactly("replay-dead-letters", "force-replay-dead-letters");
    }

    @Scenario("messaging-30")
    @Test
    void aReplayThatFailsHoldsThoseOfItsKeyAndNoOthers() {
        deadLetter("key", "1", "2", "3");
        deadLetter("other", "4");
        failing = "2";

        operations.replay(act(DeadLetterFilter.all()), pace(false));
        replay(handler()).run();

        assertThat(database.business()).containsExactly("1", "4");
        List<ListedDeadLetter> left = store.list(DeadLetterFilter.all(), 10);
        assertThat(left).extracting(letter -> letter.id().value()).containsExactly("2", "3");
        assertThat(left).extracting(ListedDeadLetter::replay).containsOnlyNulls();
        assertThat(left).extracting(ListedDeadLetter::attempts).containsExactly(4, 3);
        replay(handler()).run();
        assertThat(database.business()).containsExactly("1", "4");
    }

    @Test
    void aRateSpreadsAReplayAndItsRestCanBeTakenBack() {
        deadLetter("key", "1", "2", "3");

        operations.replay(act(DeadLetterFilter.all()), new DeadLetterOperations.Pace(0.001, false));
        replay(handler()).run();

        assertThat(database.business()).containsExactly("1");
        assertThat(operations.cancelReplay(act(DeadLetterFilter.all()))).isEqualTo(2);
        assertThat(store.list(DeadLetterFilter.all(), 10))
                .hasSize(2)
                .extracting(ListedDeadLetter::replay)
                .containsOnlyNulls();
        assertThat(operations.discard(act(DeadLetterFilter.all().withId("2")))).isEqualTo(1);
        assertThat(store.countByGroup()).containsExactly(Map.entry("stock", 1L));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new DeadLetterOperations.Pace(0, false))
                .withMessageContaining("nothing was done");
        assertThatIllegalArgumentException()
                .isThrownBy(
                        () -> operations.discard(new DeadLetterOperations.Act(DeadLetterFilter.all(), 10, "ada", " ")));
        assertThat(store.count(DeadLetterFilter.all())).isEqualTo(1);
    }

    @Test
    void thoseThatNobodyHereHandlesAndLaterActsDoNotComeBeforeOthers() {
        database.transaction().executeWithoutResult(status -> {
            for (int i = 0; i < 150; i++) {
                store.keep(DeadLetter.of(
                        "stock",
                        new Message(
                                new MessageId("gone-" + i),
                                Destination.topic("gone"),
                                null,
                                "order-placed",
                                Headers.empty(),
                                new byte[0]),
                        1,
                        DeadLetterFailure.of("no handler", null),
                        null));
            }
        });
        operations.replay(new DeadLetterOperations.Act(DeadLetterFilter.all(), 1_000, "ada", "all"), pace(false));
        deadLetter("key", "1");
        operations.replay(act(DeadLetterFilter.all().withId("1")), new DeadLetterOperations.Pace(0.001, false));
        database.jdbc().update("UPDATE tally_dead_letter SET replay_at = replay_at + 900000000 WHERE message_id = '1'");
        deadLetter("key", "2");
        deadLetter("other", "3");
        operations.replay(act(DeadLetterFilter.all().withTopic("orders")), pace(false));
        replay(handler()).run();

        assertThat(calls).as("2 waits for 1, which is older and due later").containsExactly("3");
        assertThat(operations.cancelReplay(
                        new DeadLetterOperations.Act(DeadLetterFilter.all().withTopic("gone"), 1_000, "ada", "gone")))
                .as("also what is due")
                .isEqualTo(150);
    }

    @Test
    void twoProcessesReplayEachDeadLetterOnceAndThoseOfAKeyInTurn() throws Exception {
        String[] ids = {"01", "02", "03", "04", "05", "06", "07", "08"};
        deadLetter("key", ids);
        operations.replay(act(DeadLetterFilter.all()), pace(false));
        CountDownLatch bothHere = new CountDownLatch(2);
        List<CompletableFuture<Void>> both = new ArrayList<>();
        for (int process = 0; process < 2; process++) {
            DeadLetterReplay replay = replay(handler());
            both.add(CompletableFuture.runAsync(
                    () -> {
                        bothHere.countDown();
                        while (store.count(DeadLetterFilter.all()) > 0) {
                            replay.run();
                        }
                    },
                    threads));
        }
        for (CompletableFuture<Void> each : both) {
            each.get(60, TimeUnit.SECONDS);
        }

        assertThat(calls).containsExactly(ids);
        assertThat(database.business()).containsExactly(ids);
    }

    @Test
    void whileOneOfAKeyIsReplayedElsewhereTheOthersWait() {
        deadLetter("key", "1", "2");
        deadLetter("other", "3");
        operations.replay(act(DeadLetterFilter.all()), pace(false));

        database.transaction().executeWithoutResult(status -> {
            assertThat(store.claim("stock", new MessageId("1"))).isTrue();
            CompletableFuture.runAsync(replay(handler()), threads)
                    .orTimeout(60, TimeUnit.SECONDS)
                    .join();
        });
        assertThat(calls).containsExactly("3");
        replay(handler()).run();
        assertThat(calls).containsExactly("3", "1", "2");
    }

    private static ReceivedMessage forwarded(String id, Object firstStored) {
        Message message = received(id, "key", 1, NOW).message();
        return new ReceivedMessage(
                new Message(
                        message.id(),
                        message.destination(),
                        message.key(),
                        message.type(),
                        message.headers().with(Headers.STORED_AT, firstStored.toString()),
                        message.payload()),
                1,
                NOW);
    }

    @Scenario("messaging-30")
    @Test
    void aForwardedMessageIsAsOldAsItsOriginal() {
        long old = NOW.minus(Duration.ofDays(31)).toEpochMilli();
        long young = NOW.minus(Duration.ofDays(29)).toEpochMilli();

        handler().handle(List.of(forwarded("1", old)));
        handler()
                .handle(List.of(
                        forwarded("2", young),
                        forwarded("3", Long.MAX_VALUE),
                        forwarded("4", "some day"),
                        forwarded("5", -1)));

        assertThat(database.business()).containsExactly("2", "3", "4", "5");
        assertThat(only().message().id()).isEqualTo(new MessageId("1"));
        assertThat(only().failure().reason()).contains("longer ago than the inbox remembers");
    }

    /** Headers are long as well, and unlike payloads they can be told not to be read. */
    @Test
    void aListDoesNotReadWhatCanBeLong() {
        deadLetter("key", "1", "2");
        database.jdbc().update("UPDATE tally_dead_letter SET headers = 'no JSON'");

        assertThat(store.list(DeadLetterFilter.all(), 10)).hasSize(2);
        operations.replay(act(DeadLetterFilter.all()), pace(false));
        assertThat(store.due(Map.of("stock", Set.of("orders")), 10)).hasSize(1);
    }

    @Scenario("messaging-30")
    @Test
    void aReplayReadsEachDeadLetterWhenItsTurnIs() {
        deadLetter(null, "1", "2", "3");
        operations.replay(act(DeadLetterFilter.all()), pace(false));
        List<String> replayed = new ArrayList<>();

        new DeadLetterReplay(store, new DeadLetterReplay.Handlers() {
                    @Override
                    public Map<String, Set<String>> topicsByGroup() {
                        return Map.of("stock", Set.of("orders"));
                    }

                    @Override
                    public boolean replay(DeadLetter letter) {
                        replayed.add(letter.message().id().value());
                        operations.discard(act(DeadLetterFilter.all().withId("2")));
                        store.replayed(letter.group(), letter.message().id());
                        return true;
                    }
                })
                .run();

        assertThat(replayed).containsExactly("1", "3");
    }

    @Scenario("messaging-30")
    @Test
    void aFailureOfOneKeyDoesNotWaitForThoseOfOthers() {
        deadLetter("key", "1", "2");
        deadLetter("other", "3");
        operations.replay(act(DeadLetterFilter.all()), pace(false));
        failing = "1";

        database.transaction().executeWithoutResult(status -> {
            assertThat(store.claim("stock", new MessageId("3"))).isTrue();
            CompletableFuture.runAsync(replay(handler()), threads)
                    .orTimeout(60, TimeUnit.SECONDS)
                    .join();
            status.setRollbackOnly();
        });

        assertThat(store.list(DeadLetterFilter.all(), 10))
                .extracting(letter -> letter.id() + " " + letter.attempts() + " " + (letter.replay() != null))
                .containsExactly("1 4 false", "2 3 false", "3 3 true");
    }

    @Test
    void asManyAsWantedAreTakenBackTheYoungestFirst() {
        deadLetter("key", "1", "2", "3");
        operations.replay(act(DeadLetterFilter.all()), pace(false));

        assertThat(operations.cancelReplay(new DeadLetterOperations.Act(DeadLetterFilter.all(), 2, "ada", "enough")))
                .isEqualTo(2);
        replay(handler()).run();

        assertThat(calls).containsExactly("1");
    }

    @Test
    void keysMayBeAsLongAsTheTableHoldsThem() {
        String longest = "\u20ac".repeat(1024);
        deadLetter(longest, "1", "2");
        failing = "1";
        operations.replay(act(DeadLetterFilter.all()), pace(false));
        replay(handler()).run();
        assertThat(store.list(DeadLetterFilter.all(), 10))
                .hasSize(2)
                .extracting(ListedDeadLetter::replay)
                .containsOnlyNulls();
    }

    @Test
    void aFilterFindsByEverythingThatItSays() {
        deadLetter("key", "1");
        deadLetter("other", "100%");
        DeadLetterFilter all = DeadLetterFilter.all();
        Instant since = store.list(all.withId("1"), 1).get(0).since();

        assertThat(since).isNotNull();
        assertThat(store.count(all)).isEqualTo(2);
        assertThat(store.count(all.withGroup("stock").withTopic("orders").withType("order-placed")))
                .isEqualTo(2);
        assertThat(store.count(all.withGroup("billing"))).isZero();
        assertThat(store.count(all.withKey("other"))).isEqualTo(1);
        assertThat(store.count(all.withReason("OUT of stock"))).isEqualTo(2);
        assertThat(store.count(all.withReason("java.io.ioexc"))).isEqualTo(2);
        assertThat(store.count(all.withReason("%"))).isZero();
        assertThat(store.count(all.withUntil(since))).isZero();
        assertThat(store.count(all.withFrom(since))).isEqualTo(2);
        assertThat(store.count(all.withFrom(since.plusSeconds(3600)))).isZero();
    }
}
