package dev.tally.broker.engine;

import static dev.tally.broker.engine.StoreFixture.half;
import static dev.tally.broker.engine.StoreFixture.message;
import static org.assertj.core.api.Assertions.assertThat;

import dev.tally.broker.env.SimulatedDisk.Loss;
import dev.tally.broker.env.SimulatedDisk.Operation;
import dev.tally.broker.store.Appended;
import dev.tally.broker.store.Decision;
import dev.tally.broker.store.DecisionOutcome.Decided;
import dev.tally.broker.store.StoredMessage;
import dev.tally.testkit.scenario.Scenario;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

class TimerTest {

    private final StoreFixture fixture = StoreFixture.opened();

    private Appended schedule(String body, Duration delay) {
        return fixture.store.append(List.of(message(body, delay))).join().get(0);
    }

    private List<String> visibleAfter(Duration pause) {
        fixture.clock.advance(pause);
        fixture.store.tick();
        return fixture.visible();
    }

    @Test
    void showsADelayedMessageWhenItIsDue() {
        Appended appended = schedule("d", Duration.ofSeconds(10));
        assertThat(appended.queueOffset()).isEqualTo(-1);
        fixture.append("m");

        assertThat(visibleAfter(Duration.ofMillis(9999))).containsExactly("m");
        assertThat(fixture.store.stats().scheduled()).isEqualTo(1);
        assertThat(visibleAfter(Duration.ofMillis(1))).containsExactly("m", "d");

        StoredMessage found = fixture.store.messageAt(appended.position());
        assertThat(found).isNotNull();
        assertThat(found.queueOffset()).isEqualTo(1);
        assertThat(fixture.store.stats().scheduled()).isZero();
        assertThat(visibleAfter(Duration.ofDays(1))).containsExactly("m", "d");
    }

    @Scenario("broker-36")
    @Test
    void showsOnceWhatBecameDueWhileTheBrokerWasDown() {
        schedule("minutes", Duration.ofMinutes(5));
        schedule("days", Duration.ofDays(8));
        schedule("years", Duration.ofDays(730));
        schedule("later", Duration.ofDays(10_000));
        fixture.crash(Loss.EVERYTHING);
        fixture.clock.advance(Duration.ofDays(800));
        fixture.open();

        assertThat(fixture.visible()).isEmpty();
        assertThat(visibleAfter(Duration.ZERO)).containsExactlyInAnyOrder("minutes", "days", "years");
        fixture.crashAndReopen();

        assertThat(visibleAfter(Duration.ZERO)).containsExactlyInAnyOrder("minutes", "days", "years");
        assertThat(fixture.store.stats().scheduled()).isEqualTo(1);
    }

    @Scenario("broker-37")
    @Test
    void aCrashWhileTheTimerFiresShowsTheMessageOnce() {
        schedule("d", Duration.ofSeconds(1));
        fixture.disk.failOnce(Operation.FORCE, 0);

        assertThat(visibleAfter(Duration.ofSeconds(2))).isEmpty();

        for (Loss loss : Loss.values()) {
            StoreFixture after = new StoreFixture(fixture.disk.afterCrash(loss, 5), fixture.clock);
            after.open();
            after.store.tick();
            assertThat(after.visible()).containsExactly("d");
            after.crashAndReopen();
            after.store.tick();
            assertThat(after.visible()).containsExactly("d");
        }
    }

    @Test
    void theDelayOfAHalfMessageCountsFromItsCommit() {
        long position = fixture.store
                .prepare(half(message("h", Duration.ofSeconds(10))))
                .join()
                .position();
        assertThat(visibleAfter(Duration.ofSeconds(60))).isEmpty();

        assertThat(fixture.commit(position)).isEqualTo(new Decided(Decision.COMMIT, -1, true));
        assertThat(visibleAfter(Duration.ofSeconds(9))).isEmpty();
        fixture.crashAndReopen();
        assertThat(visibleAfter(Duration.ofMillis(900))).isEmpty();

        assertThat(visibleAfter(Duration.ofMillis(200))).containsExactly("h");
        assertThat(fixture.commit(position)).isEqualTo(new Decided(Decision.COMMIT, -1, false));
    }

    @Scenario("broker-14")
    @Test
    void aJumpOfTheWallClockFiresNothingEarlyAndNothingLate() {
        schedule("a", Duration.ofSeconds(10));
        fixture.clock.jumpWall(Duration.ofHours(1));
        assertThat(visibleAfter(Duration.ofSeconds(9))).isEmpty();
        fixture.clock.jumpWall(Duration.ofDays(-3650));

        assertThat(visibleAfter(Duration.ofSeconds(1))).containsExactly("a");
    }

    @Scenario("broker-14")
    @Test
    void aWallClockSetBackDuringARestartDelaysByTheWholeDelayAtMost() {
        schedule("a", Duration.ofSeconds(10));
        fixture.clock.jumpWall(Duration.ofDays(-3650));
        fixture.crashAndReopen();

        assertThat(visibleAfter(Duration.ofSeconds(10))).containsExactly("a");
    }

    @Test
    void firesInTheOrderOfTheDueTimes() {
        schedule("c", Duration.ofSeconds(3));
        schedule("a", Duration.ofSeconds(1));
        schedule("b", Duration.ofSeconds(2));

        assertThat(visibleAfter(Duration.ofSeconds(9))).containsExactly("a", "b", "c");
    }
}
