package dev.tally.broker.engine;

import static dev.tally.broker.engine.StoreFixture.TOPIC;
import static dev.tally.broker.engine.StoreFixture.body;
import static dev.tally.broker.engine.StoreFixture.half;
import static dev.tally.broker.engine.StoreFixture.message;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tally.broker.store.Appended;
import dev.tally.broker.store.CommittedOffset;
import dev.tally.broker.store.FlushMode;
import dev.tally.broker.store.GroupConfig;
import dev.tally.broker.store.ReadResult;
import dev.tally.broker.store.ReadResult.Status;
import dev.tally.broker.store.StoreRejectedException;
import dev.tally.broker.store.StoreRejectedException.Reason;
import dev.tally.broker.store.StoredMessage;
import dev.tally.broker.store.TopicConfig;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class LogMessageStoreTest {

    private final StoreFixture fixture = StoreFixture.opened();

    @Test
    void readsInTheOrderOfTheAppends() {
        assertThat(fixture.append("a").queueOffset()).isZero();
        assertThat(fixture.append("b").queueOffset()).isEqualTo(1);

        ReadResult result = fixture.store.read(TOPIC, 0, 0, 10, 1000, tag -> true);

        assertThat(result.status()).isEqualTo(Status.FOUND);
        assertThat(result.messages()).extracting(StoreFixture::body).containsExactly("a", "b");
        assertThat(result.nextOffset()).isEqualTo(2);
        assertThat(result.maxOffset()).isEqualTo(2);
    }

    @Test
    void saysWhereAnOffsetLies() {
        fixture.append("a");

        assertThat(status(1)).isEqualTo(Status.AT_END);
        assertThat(status(2)).isEqualTo(Status.OFFSET_TOO_LARGE);
        assertThat(status(-1)).isEqualTo(Status.OFFSET_TOO_SMALL);
        assertThat(fixture.store.read("none", 0, 0, 1, 1, tag -> true).status()).isEqualTo(Status.AT_END);
        assertThat(fixture.store.read("none", 0, 5, 1, 1, tag -> true).nextOffset())
                .isZero();
    }

    private Status status(long offset) {
        return fixture.store.read(TOPIC, 0, offset, 1, 1, tag -> true).status();
    }

    @Test
    void boundsAReadByMessagesAndByBytes() {
        List.of("aaaa", "bbbb", "cccc").forEach(fixture::append);

        assertThat(fixture.store.read(TOPIC, 0, 0, 2, 1000, tag -> true).messages())
                .hasSize(2);
        assertThat(fixture.store.read(TOPIC, 0, 0, 9, 8, tag -> true).messages())
                .hasSize(2);
        assertThat(fixture.store.read(TOPIC, 0, 0, 9, 1, tag -> true).messages())
                .hasSize(1);
    }

    @Test
    void skipsWhatTheFilterRefuses() {
        List.of("a", "b", "c").forEach(fixture::append);

        ReadResult some = fixture.store.read(TOPIC, 0, 0, 9, 99, tag -> tag == "b".hashCode());
        ReadResult none = fixture.store.read(TOPIC, 0, 0, 9, 99, tag -> false);

        assertThat(some.messages()).extracting(StoreFixture::body).containsExactly("b");
        assertThat(some.nextOffset()).isEqualTo(3);
        assertThat(none.status()).isEqualTo(Status.NO_MATCH);
        assertThat(none.nextOffset()).isEqualTo(3);
    }

    @Test
    void findsAMessageByItsPositionAndNothingElsewhere() {
        Appended a = fixture.append("a");
        Appended b = fixture.append("b");

        StoredMessage found = fixture.store.messageAt(b.position());

        assertThat(found).isNotNull();
        assertThat(body(found)).isEqualTo("b");
        assertThat(found.queueOffset()).isEqualTo(1);
        for (long position = -8; position < b.position() + 4096; position++) {
            if (position != a.position() && position != b.position()) {
                assertThat(fixture.store.messageAt(position)).isNull();
            }
        }
        assertThat(fixture.store.messageAt(Long.MAX_VALUE)).isNull();
        assertThat(fixture.store.messageAt(Long.MIN_VALUE)).isNull();
    }

    @Test
    void findsTheOffsetByTime() {
        long start = fixture.clock.millis();
        for (int i = 0; i < 10; i++) {
            fixture.append("m" + i);
            fixture.clock.advance(Duration.ofSeconds(1));
        }

        assertThat(fixture.store.offsetByTime(TOPIC, 0, start)).isZero();
        assertThat(fixture.store.offsetByTime(TOPIC, 0, start + 2500)).isEqualTo(3);
        assertThat(fixture.store.offsetByTime(TOPIC, 0, start + 60_000)).isEqualTo(10);
    }

    @Test
    void findsEverythingAgainAfterARestart() {
        fixture.store.saveTopic(new TopicConfig(TOPIC, 4, 8, 6, 1)).join();
        fixture.store.saveGroup(new GroupConfig("readers", true, 1, 16)).join();
        for (int i = 0; i < 5000; i++) {
            fixture.append("m" + i);
        }
        fixture.store.commitOffset("readers", TOPIC, 0, 5).join();
        fixture.store.commitOffset("readers", TOPIC, 0, 7).join();

        fixture.crashAndReopen();

        assertThat(fixture.visible())
                .isEqualTo(IntStream.range(0, 5000).mapToObj(i -> "m" + i).toList());
        assertThat(fixture.store.topic(TOPIC)).isEqualTo(new TopicConfig(TOPIC, 4, 8, 6, 1).withFlush(FlushMode.SYNC));
        assertThat(fixture.store.groups()).containsExactly(new GroupConfig("readers", true, 1, 16));
        assertThat(fixture.store.committedOffset("readers", TOPIC, 0)).hasValue(7);
        assertThat(fixture.store.committedOffset("others", TOPIC, 0)).isEmpty();
        assertThat(fixture.store.committedOffsets("readers"))
                .containsExactly(new CommittedOffset("readers", TOPIC, 0, 7));
        assertThat(fixture.store.stats().messages()).isEqualTo(5000);
    }

    @Test
    void tellsTheListenerOfWhatBecameVisible() {
        List<String> arrivals = new ArrayList<>();
        fixture.store.onArrival((topic, queueId, next) -> arrivals.add(topic + "/" + queueId + "/" + next));

        fixture.append("a");
        long half = fixture.prepare("h");
        assertThat(arrivals).containsExactly("orders/0/1");
        fixture.commit(half);

        assertThat(arrivals).containsExactly("orders/0/1", "orders/0/2");
    }

    @Test
    void aFailingListenerDoesNotStopTheStore() {
        fixture.store.onArrival((topic, queueId, next) -> {
            throw new IllegalStateException("planted");
        });

        fixture.append("a");

        assertThat(fixture.append("b").queueOffset()).isEqualTo(1);
    }

    @Test
    void refusesAtOnceWhenTooManyBytesWaitAndGoesOnLater() {
        fixture.store.close();
        fixture.config = fixture.config.withMaxQueuedBytes(300);
        fixture.open();
        fixture.workers.hold();
        CompletableFuture<List<Appended>> first = fixture.store.append(List.of(message("x".repeat(100))));
        CompletableFuture<List<Appended>> second = fixture.store.append(List.of(message("y".repeat(200))));

        assertThat(first).isNotDone();
        assertThatThrownBy(second::join).cause().isInstanceOfSatisfying(StoreRejectedException.class, e -> assertThat(
                        e.reason())
                .isEqualTo(Reason.QUEUE_FULL));
        fixture.workers.release();

        assertThat(first).isCompleted();
        assertThat(fixture.append("later").queueOffset()).isEqualTo(1);
    }

    @Test
    void refusesWhatNoSegmentCanHold() {
        CompletableFuture<List<Appended>> append = fixture.store.append(List.of(message("x".repeat(20_000))));

        assertThatThrownBy(append::join).cause().isInstanceOfSatisfying(StoreRejectedException.class, e -> assertThat(
                        e.reason())
                .isEqualTo(Reason.TOO_LARGE));
        assertThat(fixture.append("a").queueOffset()).isZero();
    }

    @Test
    void refusesMessagesThatMakeNoSense() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> fixture.store.append(List.of(message("a", Duration.ofSeconds(-1)))));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> fixture.store.prepare(half(message("a", Duration.ofDays(100_000)))));
    }

    @Test
    void refusesEverythingAfterItWasClosed() {
        fixture.append("a");
        fixture.store.close();
        fixture.store.close();

        assertThatThrownBy(() -> fixture.append("b"))
                .cause()
                .isInstanceOfSatisfying(StoreRejectedException.class, e -> assertThat(e.reason())
                        .isEqualTo(Reason.CLOSED));
    }

    @Test
    void writesWhatWaitsTogetherWithOneForce() {
        int before = fixture.disk.forces;
        fixture.workers.hold();
        for (int i = 0; i < 50; i++) {
            fixture.store.append(List.of(message("m" + i)));
        }
        fixture.workers.release();

        assertThat(fixture.disk.forces - before).isEqualTo(1);
        assertThat(fixture.visible()).hasSize(50);
    }

    @Test
    void writesATransactionalMessageOnce() {
        long before = fixture.disk.writtenBytes;
        fixture.commit(fixture.prepare("x".repeat(1024)));

        assertThat(fixture.disk.writtenBytes - before).isLessThan(1024 * 13 / 10);
    }
}
