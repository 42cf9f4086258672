package dev.tally.broker.engine;

import static dev.tally.broker.engine.StoreFixture.half;
import static dev.tally.broker.engine.StoreFixture.message;
import static org.assertj.core.api.Assertions.assertThat;

import dev.tally.broker.half.CheckPolicy;
import dev.tally.broker.store.Decision;
import dev.tally.broker.store.DecisionOrigin;
import dev.tally.broker.store.DecisionOutcome.Conflict;
import dev.tally.broker.store.DecisionOutcome.Decided;
import dev.tally.broker.store.DecisionRequest;
import dev.tally.broker.store.HalfState;
import dev.tally.broker.store.NewHalf;
import dev.tally.broker.store.UndecidedHalf;
import dev.tally.testkit.scenario.Scenario;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

class CheckBackTest {

    private static final CheckPolicy POLICY = new CheckPolicy(
            Duration.ofSeconds(6), Duration.ofSeconds(10), Duration.ofSeconds(40), Duration.ofSeconds(2), 3);

    private final StoreFixture fixture = StoreFixture.opened(POLICY);

    private List<Long> due() {
        return fixture.store.pollDueChecks(100).stream()
                .map(UndecidedHalf::position)
                .toList();
    }

    private void advance(double seconds) {
        fixture.clock.advance(Duration.ofMillis((long) (seconds * 1000)));
    }

    @Test
    void asksForTheFirstTimeAfterTheImmunity() {
        long position = fixture.prepare("h");

        advance(5.9);
        assertThat(due()).isEmpty();
        advance(0.2);

        assertThat(due()).containsExactly(position);
    }

    @Scenario("broker-23")
    @Test
    void respectsTheMessagesOwnImmunity() {
        NewHalf own = new NewHalf(message("own"), StoreFixture.GROUP, "tx", Duration.ofSeconds(60));
        long position = fixture.store.prepare(own).join().position();

        advance(59);
        assertThat(due()).isEmpty();
        advance(1.1);

        assertThat(due()).containsExactly(position);
    }

    @Test
    void waitsLongerAfterEachDeliveredCheck() {
        long position = fixture.prepare("h");
        advance(6.1);
        assertThat(due()).containsExactly(position);
        fixture.store.checkDelivered(position);

        advance(9.9);
        assertThat(due()).isEmpty();
        advance(1.2);
        assertThat(due()).containsExactly(position);
        fixture.store.checkDelivered(position);
        advance(19.9);
        assertThat(due()).isEmpty();
        advance(2.2);

        assertThat(due()).containsExactly(position);
        assertThat(fixture.store.stats().checksDelivered()).isEqualTo(2);
    }

    @Test
    void aPolledCheckThatNobodyReportsIsDueAgainAfterTheInterval() {
        long position = fixture.prepare("h");
        advance(6.1);
        due();

        assertThat(due()).isEmpty();
        advance(10.1);

        assertThat(due()).containsExactly(position);
    }

    @Scenario("broker-24")
    @Test
    void anUndeliveredCheckDoesNotCountAndNothingIsEverDropped() {
        long position = fixture.prepare("h");
        advance(6.1);
        for (int i = 0; i < 100; i++) {
            assertThat(due()).containsExactly(position);
            fixture.store.checkNotDelivered(position);
            advance(2.3);
        }

        assertThat(fixture.store.undecided(HalfState.PREPARED, 9))
                .singleElement()
                .satisfies(half -> assertThat(half.checks()).isZero());
        assertThat(fixture.commit(position)).isEqualTo(new Decided(Decision.COMMIT, 0, true));
    }

    private void useUpTheChecksOf(long position) {
        for (int i = 0; i < POLICY.maxChecks(); i++) {
            advance(60);
            assertThat(due()).containsExactly(position);
            fixture.store.checkDelivered(position);
        }
        assertThat(fixture.store.stats().parked()).isZero();
        advance(60);
        // Nobody polls: the store parks by itself.
        fixture.store.tick();
    }

    @Scenario("broker-24")
    @Test
    void parksAfterTheLastUnansweredCheckAndKeepsItForADecision() {
        long position = fixture.prepare("h");
        useUpTheChecksOf(position);

        for (int round = 0; round < 2; round++) {
            assertThat(fixture.store.undecided(HalfState.PARKED, 9))
                    .containsExactly(new UndecidedHalf(
                            position, StoreFixture.GROUP, HalfState.PARKED, 1_700_000_000_000L, POLICY.maxChecks()));
            assertThat(fixture.store.stats().parked()).isEqualTo(1);
            assertThat(fixture.store.stats().undecided()).isZero();
            assertThat(fixture.visible()).isEmpty();
            advance(100_000);
            assertThat(due()).isEmpty();
            fixture.crashAndReopen();
        }

        assertThat(fixture.commit(position)).isEqualTo(new Decided(Decision.COMMIT, 0, true));
        assertThat(fixture.visible()).containsExactly("h");
        assertThat(fixture.store.stats().parked()).isZero();
        fixture.crashAndReopen();
        assertThat(fixture.visible()).containsExactly("h");
        assertThat(fixture.store.stats().parked()).isZero();
    }

    @Test
    void aParkedHalfThatIsResumedIsAskedAboutFromItsFirstCheckOn() {
        long position = fixture.prepare("h");
        assertThat(fixture.store.resume(position).join()).isFalse();
        useUpTheChecksOf(position);

        assertThat(fixture.store.resume(position).join()).isTrue();
        assertThat(fixture.store.resume(position).join()).isFalse();

        for (int round = 0; round < 2; round++) {
            assertThat(fixture.store.undecided(HalfState.PREPARED, 9))
                    .singleElement()
                    .satisfies(half -> assertThat(half.checks()).isZero());
            assertThat(fixture.store.stats().parked()).isZero();
            assertThat(fixture.visible()).isEmpty();
            fixture.crashAndReopen();
        }
        useUpTheChecksOf(position);
        assertThat(fixture.store.stats().parked()).isEqualTo(1);
        assertThat(fixture.store.resume(position).join()).isTrue();
        assertThat(fixture.commit(position)).isEqualTo(new Decided(Decision.COMMIT, 0, true));
        assertThat(fixture.store.resume(position).join()).isFalse();
        fixture.crashAndReopen();
        assertThat(fixture.visible()).containsExactly("h");
    }

    @Test
    void aParkedHalfThatIsResumedIsAskedAboutAtOnce() {
        long position = fixture.prepare("h");
        useUpTheChecksOf(position);
        assertThat(fixture.store.resume(position).join()).isTrue();
        assertThat(due()).containsExactly(position);
    }

    @Scenario("broker-21")
    @Test
    void aDecisionInTheBatchOfTheParkingWins() {
        long position = fixture.prepare("h");
        for (int i = 0; i < POLICY.maxChecks(); i++) {
            advance(60);
            due();
            fixture.store.checkDelivered(position);
        }
        advance(60);
        fixture.workers.hold();
        fixture.store.tick();
        var answer = fixture.store.decide(StoreFixture.request(position, Decision.COMMIT));
        fixture.workers.release();

        assertThat(answer.join()).isEqualTo(new Decided(Decision.COMMIT, 0, true));
        assertThat(fixture.visible()).containsExactly("h");
        fixture.crashAndReopen();
        assertThat(fixture.visible()).containsExactly("h");
        assertThat(fixture.store.stats().parked()).isZero();
    }

    @Scenario("broker-19")
    @Test
    void asksNobodyAboutADecidedHalfMessage() {
        long position = fixture.prepare("h");
        fixture.commit(position);
        advance(1000);
        assertThat(due()).isEmpty();

        fixture.crashAndReopen();
        advance(1000);

        assertThat(due()).isEmpty();
        assertThat(fixture.visible()).containsExactly("h");
    }

    @Test
    void spreadsTheFirstChecksAfterARestart() {
        for (int i = 0; i < 5000; i++) {
            fixture.prepare("h" + i);
        }
        advance(600);
        fixture.crashAndReopen();

        int mostInASecond = 0;
        int all = 0;
        for (int second = 0; second < 6; second++) {
            advance(1);
            int now = fixture.store.pollDueChecks(10_000).size();
            mostInASecond = Math.max(mostInASecond, now);
            all += now;
        }

        assertThat(all).isEqualTo(5000);
        assertThat(mostInASecond).isLessThan(1500);
    }

    @Test
    void aPauseOfAMinuteMakesNoStormOfChecks() {
        for (int i = 0; i < 1000; i++) {
            fixture.prepare("h" + i);
        }
        advance(60);

        List<Long> first = fixture.store.pollDueChecks(256).stream()
                .map(UndecidedHalf::position)
                .toList();
        List<Long> rest = fixture.store.pollDueChecks(10_000).stream()
                .map(UndecidedHalf::position)
                .toList();

        // Each is asked about once, not once for each check that the pause swallowed, and no round is larger than
        // usual.
        assertThat(first).hasSize(256).doesNotHaveDuplicates();
        assertThat(rest).hasSize(744).doesNotHaveDuplicates().doesNotContainAnyElementsOf(first);
        advance(9);
        assertThat(due()).isEmpty();
    }

    @Scenario("broker-24")
    @Test
    void manyWithoutAnybodyToAskAreLookedAtMoreRarely() {
        for (int i = 0; i < 1000; i++) {
            fixture.prepare("h" + i);
        }
        advance(60);
        List<UndecidedHalf> all = fixture.store.pollDueChecks(10_000);
        all.forEach(half -> fixture.store.checkNotDelivered(half.position()));

        advance(1.9);
        assertThat(due()).isEmpty();
        advance(0.4);
        assertThat(fixture.store.pollDueChecks(10_000)).hasSize(1000);
        // Days later the group is back, and every one of them is still there.
        advance(5 * 24 * 3600);
        assertThat(fixture.store.pollDueChecks(10_000)).hasSize(1000);
    }

    @Scenario("broker-22")
    @Test
    void answersAfterTheParkingAndARestartAreAppliedOnce() {
        long position = fixture.prepare("h");
        useUpTheChecksOf(position);
        assertThat(fixture.store.stats().parked()).isEqualTo(1);
        fixture.crashAndReopen();

        // From another instance of the group, then again from the first, then the opposite.
        DecisionRequest answer =
                new DecisionRequest(position, StoreFixture.GROUP, Decision.COMMIT, DecisionOrigin.CHECK_BACK);
        assertThat(fixture.store.decide(answer).join()).isEqualTo(new Decided(Decision.COMMIT, 0, true));
        assertThat(fixture.store.decide(answer).join()).isEqualTo(new Decided(Decision.COMMIT, 0, false));
        fixture.crashAndReopen();
        assertThat(fixture.store.decide(answer).join()).isEqualTo(new Decided(Decision.COMMIT, 0, false));
        assertThat(fixture.rollback(position)).isEqualTo(new Conflict(Decision.COMMIT));

        assertThat(fixture.visible()).containsExactly("h");
        assertThat(fixture.store.stats().parked()).isZero();
    }

    @Scenario("broker-14")
    @Test
    void aJumpOfTheWallClockMovesNoCheck() {
        long position = fixture.prepare("h");
        fixture.clock.jumpWall(Duration.ofDays(3650));
        assertThat(due()).isEmpty();
        fixture.clock.jumpWall(Duration.ofDays(-7300));
        advance(6.1);

        assertThat(due()).containsExactly(position);
    }

    @Scenario("broker-14")
    @Test
    void aWallClockSetBackDuringARestartDelaysACheckByTheImmunityAtMost() {
        long position = fixture.prepare("h");
        fixture.clock.jumpWall(Duration.ofDays(-365));
        fixture.crashAndReopen();

        advance(7.1);

        assertThat(due()).containsExactly(position);
    }

    @Test
    void returnsNoMoreThanAskedForOldestDueFirst() {
        long first = fixture.prepare("a");
        advance(1);
        long second = fixture.prepare("b");
        fixture.store.prepare(half("c")).join();
        advance(100);

        assertThat(fixture.store.pollDueChecks(2))
                .extracting(UndecidedHalf::position)
                .containsExactly(first, second);
    }
}
