package dev.tally.transport.rocketmq;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.awaitility.Awaitility.await;

import dev.tally.consume.ConsumerOperations;
import dev.tally.consume.RunningConsumer;
import dev.tally.consume.deadletter.DeadLetterFilter;
import dev.tally.consume.deadletter.ListedDeadLetter;
import dev.tally.message.Message;
import dev.tally.testkit.H2Database;
import dev.tally.testkit.MariaDbDatabase;
import dev.tally.testkit.PostgresDatabase;
import dev.tally.testkit.TestDatabase;
import dev.tally.testkit.scenario.Scenario;
import dev.tally.transport.ActiveSubscription;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import org.awaitility.core.ConditionFactory;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** One effect for each message, from a broker to each database. */
@Timeout(300)
abstract class ConsumeScenarios {

    enum Database {
        H2(H2Database::inMemory),
        POSTGRESQL(PostgresDatabase::create),
        MARIADB(MariaDbDatabase::create);

        private final Supplier<TestDatabase> create;

        Database(Supplier<TestDatabase> create) {
            this.create = create;
        }
    }

    private static final AtomicInteger NUMBER = new AtomicInteger();

    abstract String nameServer();

    abstract void createTopic(String topic, int queues);

    private ConsumeWorld world(Database database, int queues) {
        String topic = "consume-" + NUMBER.incrementAndGet();
        createTopic(topic, queues);
        return new ConsumeWorld(nameServer(), topic, database.create.get());
    }

    private static ConditionFactory patiently() {
        return await().atMost(Duration.ofSeconds(90)).pollInterval(Duration.ofMillis(50));
    }

    private static List<Message> messages(ConsumeWorld world, int count) {
        return IntStream.range(0, count)
                .mapToObj(i -> world.message("m-" + i, "key-" + i))
                .toList();
    }

    private static List<String> ids(List<Message> messages) {
        return messages.stream().map(each -> each.id().value()).toList();
    }

    private static List<ListedDeadLetter> deadLetters(ConsumeWorld world) {
        return world.deadLetters().list(DeadLetterFilter.all(), 100);
    }

    /** Copies in other queues go to other nodes, at the same time. */
    @Scenario("messaging-23")
    @ParameterizedTest
    @EnumSource
    void messagesThatComeTwiceOnTwoNodesHaveOneEffect(Database database) {
        try (ConsumeWorld world = world(database, 4)) {
            world.join();
            world.join();
            List<Message> messages = messages(world, 100);
            List<Message> copies = new ArrayList<>();
            for (Message message : messages) {
                copies.add(message);
                copies.add(world.message(message.id().value(), "copy of " + message.key()));
            }

            world.send(copies);
            patiently().until(() -> world.effects().size() + world.duplicates() == 200);
            world.send(messages);

            patiently().until(() -> world.duplicates() == 200);
            assertThat(world.effects()).containsExactlyInAnyOrderElementsOf(ids(messages));
            assertThat(world.failures()).isZero();
            assertThat(deadLetters(world)).isEmpty();
        }
    }

    @Scenario("messaging-24")
    @ParameterizedTest
    @EnumSource
    void aMessageThatFailsTakesNoOtherWithItAndIsDeadLetteredBeforeTheNextOfItsKey(Database database) {
        try (ConsumeWorld world = world(database, 1)) {
            List<Message> messages = new ArrayList<>(messages(world, 32));
            messages.add(world.message("behind", "key-7"));
            world.fail("m-7");
            world.send(messages);

            world.join();

            patiently().until(() -> world.effects().size() == 32);
            List<String> effects = new ArrayList<>(ids(messages));
            effects.remove("m-7");
            assertThat(world.effects()).containsExactlyInAnyOrderElementsOf(effects);
            assertThat(deadLetters(world)).singleElement().satisfies(letter -> {
                assertThat(letter.id()).isEqualTo(messages.get(7).id());
                assertThat(letter.attempts()).isEqualTo(ConsumeWorld.MAX_ATTEMPTS);
                assertThat(letter.reason()).contains("out of stock");
            });
            List<String> calls = world.calls();
            assertThat(calls.indexOf("behind")).isGreaterThan(calls.lastIndexOf("m-7"));
            assertThat(Collections.frequency(calls, "m-7")).isGreaterThanOrEqualTo(ConsumeWorld.MAX_ATTEMPTS);
        }
    }

    @Scenario("messaging-27")
    @ParameterizedTest
    @EnumSource
    void whatCanNeverBeHandledIsDeadLetteredAtOnceAndOthersGoOn(Database database) {
        try (ConsumeWorld world = world(database, 1)) {
            world.join();

            world.send(List.of(
                    world.message("unknown", "k", "unheard-of", "{}".getBytes(StandardCharsets.UTF_8)),
                    world.message("broken", "k", "order-placed", "{\"order\":".getBytes(StandardCharsets.UTF_8)),
                    world.message("good", "k")));

            patiently().until(() -> world.effects().equals(List.of("good")));
            assertThat(world.calls()).containsExactly("good");
            assertThat(deadLetters(world))
                    .extracting(letter -> letter.id().value())
                    .containsExactlyInAnyOrder("unknown", "broken");
            assertThat(deadLetters(world)).allSatisfy(letter -> {
                assertThat(letter.attempts()).isEqualTo(1);
                assertThat(letter.reason()).containsAnyOf("'unheard-of' is unknown", "Unexpected end-of-input");
            });
        }
    }

    @Scenario("messaging-30")
    @ParameterizedTest
    @EnumSource
    void aReplayChangesNothingWhichTheInboxRemembersUnlessItIsForced(Database database) {
        try (ConsumeWorld world = world(database, 2)) {
            Instant before = InstantSource.system().instant().minusSeconds(2);
            AtomicInteger remembers = new AtomicInteger();
            ActiveSubscription node = world.join();
            ConsumerOperations operations = new ConsumerOperations(
                    () -> List.of(
                            new RunningConsumer(world.subscription(), "stock.place", node.control(), node.positions())),
                    world.audit(),
                    () -> remembers.get() == 0
                            ? before.minusSeconds(60)
                            : InstantSource.system().instant().plusSeconds(60));
            ConsumerOperations.Act act = new ConsumerOperations.Act(
                    world.subscription().topic(), world.subscription().group(), "ada", "stock was restored");
            List<Message> messages = messages(world, 40);
            world.send(messages);
            patiently().until(() -> world.effects().size() == 40);

            operations.seekToTime(act, before, false);
            patiently().until(() -> world.duplicates() >= 40);
            assertThat(world.effects()).containsExactlyInAnyOrderElementsOf(ids(messages));

            patiently().until(() -> node.positions().orElseThrow().read(false).stream()
                    .allMatch(queue -> queue.lag() == 0));
            world.purge();
            remembers.set(1);
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> operations.seekToTime(act, before, false))
                    .withMessageContaining("a second time");
            operations.seekToTime(act, before, true);
            patiently().until(() -> world.effects().size() == 80);
            assertThat(world.audited())
                    .extracting(row -> String.valueOf(row.get("detail")).contains("FORCED"))
                    .containsExactly(false, true);
        }
    }

    @Scenario("messaging-32")
    @ParameterizedTest
    @EnumSource
    void anOldDuplicateOfWhatTheInboxHasForgottenIsRefused(Database database) {
        try (ConsumeWorld world = world(database, 1)) {
            world.join();
            world.send(messages(world, 1));
            patiently().until(() -> world.effects().size() == 1);
            world.leave();
            world.purge();
            world.send(messages(world, 1));

            world.join(ConsumeWorld.RETENTION.plusDays(1));

            patiently().until(() -> deadLetters(world).size() == 1);
            assertThat(deadLetters(world).get(0).reason()).contains("nobody can tell whether it has been handled");
            assertThat(world.effects()).containsExactly("m-0");
        }
    }
}
