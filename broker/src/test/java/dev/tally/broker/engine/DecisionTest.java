package dev.tally.broker.engine;

import static dev.tally.broker.engine.StoreFixture.GROUP;
import static dev.tally.broker.engine.StoreFixture.half;
import static dev.tally.broker.engine.StoreFixture.message;
import static org.assertj.core.api.Assertions.assertThat;

import dev.tally.broker.store.Decision;
import dev.tally.broker.store.DecisionOrigin;
import dev.tally.broker.store.DecisionOutcome;
import dev.tally.broker.store.DecisionOutcome.Conflict;
import dev.tally.broker.store.DecisionOutcome.Decided;
import dev.tally.broker.store.DecisionOutcome.Forbidden;
import dev.tally.broker.store.DecisionOutcome.UnknownHalf;
import dev.tally.broker.store.DecisionRequest;
import dev.tally.broker.store.HalfState;
import dev.tally.broker.store.StoredMessage;
import dev.tally.broker.store.UndecidedHalf;
import dev.tally.testkit.scenario.Scenario;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

class DecisionTest {

    private final StoreFixture fixture = StoreFixture.opened();

    @Test
    void showsAHalfMessageOnlyAfterItsCommit() {
        long position = fixture.prepare("h");
        assertThat(fixture.visible()).isEmpty();
        StoredMessage hidden = fixture.store.messageAt(position);
        assertThat(hidden).isNotNull();
        assertThat(hidden.queueOffset()).isEqualTo(-1);
        fixture.append("m");

        assertThat(fixture.commit(position)).isEqualTo(new Decided(Decision.COMMIT, 1, true));

        assertThat(fixture.visible()).containsExactly("m", "h");
        StoredMessage shown = fixture.store.messageAt(position);
        assertThat(shown).isNotNull();
        assertThat(shown.queueOffset()).isEqualTo(1);
        assertThat(shown.position()).isEqualTo(position);
        assertThat(shown.half()).isTrue();
    }

    @Test
    void neverShowsARolledBackHalfMessage() {
        long position = fixture.prepare("h");

        assertThat(fixture.rollback(position)).isEqualTo(new Decided(Decision.ROLLBACK, -1, true));

        fixture.crashAndReopen();
        assertThat(fixture.visible()).isEmpty();
        assertThat(fixture.store.undecided(HalfState.PREPARED, 9)).isEmpty();
    }

    @Scenario("broker-16")
    @Scenario("broker-20")
    @Test
    void answersARepeatedCommitWithTheSameOffsetAlsoAfterARestart() {
        fixture.append("m");
        long position = fixture.prepare("h");
        fixture.commit(position);

        assertThat(fixture.commit(position)).isEqualTo(new Decided(Decision.COMMIT, 1, false));
        fixture.crashAndReopen();

        assertThat(fixture.commit(position)).isEqualTo(new Decided(Decision.COMMIT, 1, false));
        assertThat(fixture.visible()).containsExactly("m", "h");
    }

    @Scenario("broker-16")
    @Test
    void aHundredCommitsInOneBatchMakeOneVisibleMessage() {
        long position = fixture.prepare("h");
        fixture.workers.hold();
        List<CompletableFuture<DecisionOutcome>> answers = new ArrayList<>();
        for (int i = 0; i < 100; i++) {
            answers.add(fixture.store.decide(StoreFixture.request(position, Decision.COMMIT)));
        }
        fixture.workers.release();

        assertThat(answers.get(0).join()).isEqualTo(new Decided(Decision.COMMIT, 0, true));
        assertThat(answers.subList(1, 100))
                .allSatisfy(answer -> assertThat(answer.join()).isEqualTo(new Decided(Decision.COMMIT, 0, false)));
        assertThat(fixture.visible()).containsExactly("h");
    }

    @Scenario("broker-17")
    @Test
    void refusesTheOppositeDecisionAlsoAfterARestart() {
        long committed = fixture.prepare("c");
        long rolledBack = fixture.prepare("r");
        fixture.commit(committed);
        fixture.rollback(rolledBack);

        for (int round = 0; round < 2; round++) {
            assertThat(fixture.rollback(committed)).isEqualTo(new Conflict(Decision.COMMIT));
            assertThat(fixture.commit(rolledBack)).isEqualTo(new Conflict(Decision.ROLLBACK));
            assertThat(fixture.store.stats().conflicts()).isEqualTo(2);
            assertThat(fixture.visible()).containsExactly("c");
            fixture.crashAndReopen();
        }
    }

    @Scenario("broker-21")
    @Test
    void theFirstOfTwoOppositeDecisionsInOneBatchWins() {
        long position = fixture.prepare("h");
        fixture.workers.hold();
        CompletableFuture<DecisionOutcome> rollback =
                fixture.store.decide(StoreFixture.request(position, Decision.ROLLBACK));
        CompletableFuture<DecisionOutcome> commit =
                fixture.store.decide(StoreFixture.request(position, Decision.COMMIT));
        fixture.workers.release();

        assertThat(rollback.join()).isEqualTo(new Decided(Decision.ROLLBACK, -1, true));
        assertThat(commit.join()).isEqualTo(new Conflict(Decision.ROLLBACK));
        assertThat(fixture.visible()).isEmpty();
    }

    @Scenario("broker-18")
    @Test
    void publishesNothingForAnUnknownForgedOrForeignDecision() {
        long half = fixture.prepare("h");
        long plain = fixture.append("m").position();
        long decided = fixture.prepare("d");
        fixture.commit(decided);

        for (int round = 0; round < 2; round++) {
            assertThat(List.of(0L, -1L, 1L, half + 8, plain, Long.MAX_VALUE, Long.MIN_VALUE))
                    .allSatisfy(forged -> assertThat(fixture.commit(forged)).isEqualTo(new UnknownHalf()));
            assertThat(List.of(half, decided)).allSatisfy(position -> assertThat(fixture.store
                            .decide(new DecisionRequest(position, "others", Decision.COMMIT, DecisionOrigin.PRODUCER))
                            .join())
                    .isEqualTo(new Forbidden(GROUP)));
            assertThat(fixture.visible()).containsExactly("m", "d");
            fixture.crashAndReopen();
        }
    }

    @Test
    void remembersAtLeastHalfOfTheBoundOfDecisionsAndAnswersOlderOnesAsUnknown() {
        fixture.store.close();
        fixture.config = fixture.config.withRememberedDecisions(10);
        fixture.open();
        List<Long> positions = new ArrayList<>();
        for (int i = 0; i < 40; i++) {
            positions.add(fixture.prepare("h" + i));
            fixture.commit(positions.get(i));
        }

        assertThat(fixture.commit(positions.get(0))).isEqualTo(new UnknownHalf());
        assertThat(positions.subList(35, 40)).allSatisfy(position -> assertThat(fixture.commit(position))
                .isInstanceOfSatisfying(
                        Decided.class, d -> assertThat(d.first()).isFalse()));
        assertThat(fixture.visible()).hasSize(40);
    }

    @Test
    void countsDecisionsByTheirOriginAlsoAfterARestart() {
        decide("a", Decision.COMMIT, DecisionOrigin.PRODUCER);
        decide("b", Decision.COMMIT, DecisionOrigin.CHECK_BACK);
        decide("c", Decision.COMMIT, DecisionOrigin.CHECK_BACK);
        decide("d", Decision.ROLLBACK, DecisionOrigin.PRODUCER);
        decide("e", Decision.ROLLBACK, DecisionOrigin.CHECK_BACK);
        decide("f", Decision.COMMIT, DecisionOrigin.OPERATOR);
        decide("g", Decision.ROLLBACK, DecisionOrigin.OPERATOR);
        fixture.prepare("undecided");

        for (int round = 0; round < 2; round++) {
            assertThat(fixture.store.stats()).satisfies(stats -> {
                assertThat(stats.halves()).isEqualTo(8);
                assertThat(stats.messages()).isEqualTo(4);
                assertThat(stats.committedByProducer()).isEqualTo(1);
                assertThat(stats.committedByCheckBack()).isEqualTo(2);
                assertThat(stats.rolledBackByProducer()).isEqualTo(1);
                assertThat(stats.rolledBackByCheckBack()).isEqualTo(1);
                assertThat(stats.decidedByOperator()).isEqualTo(2);
                assertThat(stats.undecided()).isEqualTo(1);
            });
            fixture.crashAndReopen();
        }
    }

    private void decide(String body, Decision decision, DecisionOrigin origin) {
        long position = fixture.prepare(body);
        fixture.store
                .decide(new DecisionRequest(position, GROUP, decision, origin))
                .join();
    }

    @Test
    void listsTheOldestUndecidedFirst() {
        List<Long> positions = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            positions.add(fixture.store.prepare(half(message("h" + i))).join().position());
        }
        fixture.commit(positions.get(0));

        assertThat(fixture.store.undecided(HalfState.PREPARED, 3))
                .extracting(UndecidedHalf::position)
                .containsExactlyElementsOf(positions.subList(1, 4));
    }
}
