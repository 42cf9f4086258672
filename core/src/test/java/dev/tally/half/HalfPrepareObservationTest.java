package dev.tally.half;

import static io.micrometer.observation.tck.TestObservationRegistryAssert.assertThat;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import dev.tally.half.FakeHalfBroker.Mode;
import dev.tally.message.Destination;
import dev.tally.message.Headers;
import dev.tally.message.Message;
import dev.tally.message.MessageId;
import dev.tally.observation.MessageObservations;
import dev.tally.publish.PublishingPath;
import dev.tally.publish.Settlement;
import dev.tally.testing.RecordingPath;
import dev.tally.testing.TestDatabase;
import io.micrometer.observation.tck.TestObservationRegistry;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What is observed of a commit that waits for the broker, and what the path knows of its half messages. */
class HalfPrepareObservationTest {

    private final FakeHalfBroker broker = new FakeHalfBroker();
    private final TestObservationRegistry registry = TestObservationRegistry.create();
    private final AtomicReference<Instant> now = new AtomicReference<>(Instant.EPOCH);
    private final AtomicInteger counter = new AtomicInteger();
    private final List<String> events = new ArrayList<>();
    private TestDatabase database;

    @BeforeEach
    void open() {
        database = TestDatabase.h2();
    }

    @AfterEach
    void close() {
        database.close();
    }

    private HalfMessagePath path(@Nullable PublishingPath fallback, Duration timeout) {
        JdbcTransactionLedger ledger =
                new JdbcTransactionLedger(database.dataSource(), database.transactions(), database.dialect());
        HalfMessageListener listener = new HalfMessageListener() {
            @Override
            public void decided(int count, boolean confirmed, Duration open) {
                events.add(count + " " + confirmed + " " + open);
            }
        };
        return new HalfMessagePath(
                broker,
                ledger,
                fallback,
                () -> "t" + counter.incrementAndGet(),
                timeout,
                listener,
                new SettledTransactions(ledger, now::get),
                HalfMessageBreaker.closed(timeout, now::get),
                now::get,
                new MessageObservations(registry, "rocketmq"));
    }

    private Settlement prepare(HalfMessagePath path, int messages) {
        List<Message> halves = new ArrayList<>();
        for (int i = 0; i < messages; i++) {
            halves.add(new Message(
                    new MessageId("m" + counter.incrementAndGet()),
                    Destination.topic("orders"),
                    "k",
                    "text",
                    Headers.empty(),
                    new byte[] {1}));
        }
        return database.transaction().execute(status -> path.prepare(halves));
    }

    @Test
    void aWaitThatSucceedsIsPrepared() {
        prepare(path(new RecordingPath(), Duration.ofMinutes(1)), 2);

        assertThat(registry)
                .hasSingleObservationThat()
                .hasNameEqualTo("tally.half.prepare")
                .hasContextualNameEqualTo("prepare half messages")
                .hasLowCardinalityKeyValue("messaging.system", "rocketmq")
                .hasLowCardinalityKeyValue("outcome", "prepared")
                .hasHighCardinalityKeyValue("messaging.batch.message_count", "2")
                .hasHighCardinalityKeyValue("tally.transaction.id", "t3")
                .doesNotHaveError()
                .hasBeenStopped();
        assertThat(registry).doesNotHaveAnyRemainingCurrentObservation();
    }

    @Test
    void aRefusalFallsBackOrFails() {
        broker.mode = Mode.REFUSES;
        prepare(path(new RecordingPath(), Duration.ofMinutes(1)), 1);
        assertThat(registry)
                .hasSingleObservationThat()
                .hasLowCardinalityKeyValue("outcome", "fell_back")
                .hasError()
                .hasBeenStopped();
        registry.clear();

        assertThatThrownBy(() -> prepare(path(null, Duration.ofMinutes(1)), 1))
                .isInstanceOf(HalfMessagesUnavailableException.class);
        assertThat(registry)
                .hasSingleObservationThat()
                .hasLowCardinalityKeyValue("outcome", "failed")
                .hasBeenStopped();
    }

    @Test
    void anAnswerThatStaysOutFallsBack() {
        broker.mode = Mode.STORES_BUT_DOES_NOT_ANSWER;

        prepare(path(new RecordingPath(), Duration.ofMillis(50)), 1);

        assertThat(registry)
                .hasSingleObservationThat()
                .hasLowCardinalityKeyValue("outcome", "fell_back")
                .hasBeenStopped()
                .satisfies(context -> assertThat(context.getError()).isInstanceOf(TimeoutException.class));
    }

    @Test
    void nobodyIsObservedWhoDoesNotWait() {
        broker.mode = Mode.REFUSES;
        HalfMessagePath path = path(new RecordingPath(), Duration.ofMinutes(1));
        for (int i = 0; i < HalfMessageBreaker.FAILURES_TO_OPEN + 2; i++) {
            prepare(path, 1);
        }

        assertThat(registry).hasNumberOfObservationsEqualTo(HalfMessageBreaker.FAILURES_TO_OPEN);
    }

    @Test
    void knowsWhatIsUndecidedUntilTheBrokerHasConfirmed() {
        HalfMessagePath path = path(new RecordingPath(), Duration.ofMinutes(1));
        Settlement first = prepare(path, 2);
        now.set(Instant.EPOCH.plusSeconds(5));
        Settlement second = prepare(path, 1);

        assertThat(path.undecided())
                .extracting(half -> half.messageId().value(), OpenHalf::transactionId, OpenHalf::topic)
                .containsExactly(tuple("m1", "t3", "orders"), tuple("m2", "t3", "orders"), tuple("m4", "t5", "orders"));
        assertThat(path.undecided())
                .allSatisfy(half -> assertThat(half.parked()).isFalse());

        first.committed();
        assertThat(path.undecided()).extracting(OpenHalf::transactionId).containsExactly("t5");
        second.unknown();
        assertThat(path.undecided()).isEmpty();
        assertThat(events).containsExactly("2 true PT5S", "1 false PT0S");
    }
}
