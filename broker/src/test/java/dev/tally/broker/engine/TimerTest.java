package dev.tally.broker.engine;

import static dev.tally.broker.engine.StoreFixture.half;
import static dev.tally.broker.engine.StoreFixture.message;
import static org.assertj.core.api.Assertions.assertThat;

import dev.tally.broker.env.SimulatedDisk.Loss;
import dev.tally.broker.env.SimulatedDisk.Operation;
import dev.tally.broker.store.Appended;
import dev.tally.broker.store.CancelOutcome;
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
    void cancelsADelayedMessageForEverAlsoWhenAskedAgain() {
        Appended appended = schedule("d", Duration.ofSeconds(10));
        long other = schedule("e", Duration.ofSeconds(10)).position();

        assertThat(fixture.store.cancel(appended.position()).join()).isEqualTo(CancelOutcome.CANCELLED);
        assertThat(fixture.store.cancel(appended.position()).join()).isEqualTo(CancelOutcome.CANCELLED);
        fixture.crashAndReopen();

        assertThat(fixture.store.cancel(appended.position()).join()).isEqualTo(CancelOutcome.CANCELLED);
        assertThat(visibleAfter(Duration.ofSeconds(11))).containsExactly("e");
        assertThat(fixture.store.stats().scheduled()).isZero();
        assertThat(fixture.store.cancel(other).join()).isEqualTo(CancelOutcome.ALREADY_VISIBLE);
        assertThat(fixture.visible()).containsExactly("e");
    }

    @Test
    void cancelsOnlyWhatIsDelayed() {
        long visible = fixture.append("m").position();
        long half = fixture.prepare("h");

        assertThat(fixture.store.cancel(visible).join()).isEqualTo(CancelOutcome.ALREADY_VISIBLE);
        assertThat(fixture.store.cancel(half).join()).isEqualTo(CancelOutcome.UNKNOWN);
        assertThat(fixture.store.cancel(0).join()).isEqualTo(CancelOutcome.UNKNOWN);
        assertThat(fixture.store.cancel(-1).join()).isEqualTo(CancelOutcome.UNKNOWN);
        assertThat(fixture.store.cancel(visible + 1).join()).isEqualTo(CancelOutcome.UNKNOWN);
    }

    @Test
    void theFirstOfFiringAndCancellingInOneBatchWins() {
        long fires = schedule("fires", Duration.ofSeconds(1)).position();
        fixture.clock.advance(Duration.ofSeconds(1));
        fixture.workers.hold();
        fixture.store.tick();
        var tooLate = fixture.store.cancel(fires);
        fixture.workers.release();
        assertThat(tooLate.join()).isEqualTo(CancelOutcome.ALREADY_VISIBLE);

        long recalled = schedule("recalled", Duration.ofSeconds(1)).position();
        fixture.clock.advance(Duration.ofSeconds(1));
        fixture.workers.hold();
        var inTime = fixture.store.cancel(recalled);
        fixture.store.tick();
        fixture.workers.release();

        assertThat(inTime.join()).isEqualTo(CancelOutcome.CANCELLED);
        assertThat(fixture.visible()).containsExactly("fires");
        fixture.crashAndReopen();
        assertThat(visibleAfter(Duration.ofDays(1))).containsExactly("fires");
    }

    @Test
    void cancelsACommittedHalfMessageWhoseDelayRuns() {
        long position = fixture.store
                .prepare(half(message("h", Duration.ofSeconds(10))))
                .join()
                .position();
        fixture.commit(position);

        assertThat(fixture.store.cancel(position).join()).isEqualTo(CancelOutcome.CANCELLED);
        assertThat(visibleAfter(Duration.ofSeconds(11))).isEmpty();
    }

    @Scenario("broker-36")
    @Test
    void saysHowLateAMessageIsThatBecameDueWhileTheBrokerWasDown() {
        long late = schedule("eight days", Duration.ofDays(8)).position();
        long veryLate = schedule("two years", Duration.ofDays(730)).position();
        fixture.crash(Loss.EVERYTHING);
        fixture.clock.advance(Duration.ofDays(731));
        fixture.open();

        assertThat(visibleAfter(Duration.ZERO)).containsExactly("eight days", "two years");
        assertThat(lateMillis(late)).isEqualTo(Duration.ofDays(723).toMillis());
        assertThat(lateMillis(veryLate)).isEqualTo(Duration.ofDays(1).toMillis());
        long punctual = schedule("punctual", Duration.ofSeconds(1)).position();
        visibleAfter(Duration.ofMillis(1005));
        assertThat(lateMillis(punctual)).isEqualTo(5);
        fixture.crashAndReopen();
        assertThat(lateMillis(late)).isEqualTo(Duration.ofDays(723).toMillis());
        assertThat(lateMillis(fixture.append("m").position())).isZero();
    }

    private long lateMillis(long position) {
        StoredMessage message = fixture.store.messageAt(position);
        assertThat(message).isNotNull();
        return message.lateMillis();
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
