package dev.tally.broker.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tally.broker.store.Appended;
import dev.tally.broker.store.Decision;
import dev.tally.broker.store.DecisionOutcome.Decided;
import dev.tally.broker.store.StoreRejectedException;
import dev.tally.broker.store.StoreRejectedException.Reason;
import dev.tally.testkit.scenario.Scenario;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

class FullDiskTest {

    private static final int SEGMENT = 16 * 1024;
    private static final int RESERVE = 8 * SEGMENT;

    private final StoreFixture fixture = new StoreFixture();
    private final List<String> acked = new ArrayList<>();

    FullDiskTest() {
        fixture.config = fixture.config.withDiskReserveBytes(RESERVE);
        fixture.disk.capacity(RESERVE + 4 * SEGMENT);
        fixture.open();
    }

    private Reason fill() {
        for (int i = 0; i < 1000; i++) {
            String body = "m" + acked.size() + "x".repeat(500);
            CompletableFuture<List<Appended>> answer = fixture.store.append(List.of(StoreFixture.message(body)));
            if (answer.isCompletedExceptionally()) {
                return ((StoreRejectedException) answer.handle((a, e) -> e).join()).reason();
            }
            acked.add(body);
        }
        throw new AssertionError("The disk is not full after " + acked.size() + " messages");
    }

    @Scenario("broker-9")
    @Test
    void decisionsAndProgressGoOnInTheReserveAndNewMessagesResumeWhenThereIsSpace() {
        List<Long> halves = new ArrayList<>();
        for (int i = 0; i < 40; i++) {
            halves.add(fixture.prepare("h" + i));
        }
        assertThat(fill()).isEqualTo(Reason.DISK_FULL);
        assertThat(fixture.disk.usableSpace(StoreFixture.DIRECTORY)).isGreaterThanOrEqualTo(RESERVE);

        int messages = acked.size();
        for (int i = 0; i < halves.size(); i++) {
            assertThat(fixture.commit(halves.get(i))).isEqualTo(new Decided(Decision.COMMIT, messages + i, true));
            acked.add("h" + i);
        }
        // Far more progress than the rest of the last segment could take.
        for (int i = 0; i < 500; i++) {
            fixture.store.commitOffset("readers", StoreFixture.TOPIC, 0, i % 10).join();
        }
        assertThat(fixture.visible()).isEqualTo(acked);
        assertThat(fill()).as("still refused in the reserve").isEqualTo(Reason.DISK_FULL);
        fixture.crashAndReopen();
        assertThat(fixture.visible()).isEqualTo(acked);
        assertThat(fixture.store.committedOffset("readers", StoreFixture.TOPIC, 0))
                .hasValue(9);

        fixture.disk.capacity(Long.MAX_VALUE);
        fixture.clock.advance(Duration.ofSeconds(1));
        fixture.append("resumed");
        acked.add("resumed");
        fixture.crashAndReopen();
        assertThat(fixture.visible()).isEqualTo(acked);
    }

    @Test
    void startsOutOfTheReserveWhenTheLastSegmentIsFull() {
        fill();
        for (int i = 0; i < 3000; i++) {
            CompletableFuture<Void> answer = fixture.store.commitOffset("readers", StoreFixture.TOPIC, 0, i);
            if (answer.isCompletedExceptionally()) {
                break;
            }
        }
        fixture.crashAndReopen();

        assertThat(fixture.visible()).isEqualTo(acked);
    }
}
