package dev.tally.saga.participant;

import static dev.tally.saga.participant.BarrierDecision.BUSY;
import static dev.tally.saga.participant.BarrierDecision.EMPTY;
import static dev.tally.saga.participant.BarrierDecision.FENCED;
import static dev.tally.saga.participant.BarrierDecision.REPEAT;
import static dev.tally.saga.participant.BarrierDecision.RUN;
import static org.assertj.core.api.Assertions.assertThat;

import dev.tally.message.EncodedPayload;
import dev.tally.saga.message.ReplyOutcome;
import dev.tally.saga.message.SagaCommand;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;

class BarrierDecisionTest {

    private static final Duration LIMIT = Duration.ofMinutes(1);
    private static final BarrierRow NEW = BarrierRow.fresh(new StepKey("saga", "step"));

    private static StoredAnswer answer(ReplyOutcome outcome) {
        return new StoredAnswer(outcome, null, new EncodedPayload("type", new byte[0]));
    }

    private static BarrierRow at(BarrierState state) {
        return NEW.acted(state, answer(ReplyOutcome.DONE), null);
    }

    private static BarrierDecision decide(BarrierRow row, boolean undo, int attempt, boolean ofOthers) {
        SagaCommand command = new SagaCommand("saga", "order", "step", attempt, undo, null, Instant.EPOCH, "replies");
        return BarrierDecision.of(row, command, ofOthers, LIMIT);
    }

    private static BarrierDecision action(BarrierRow row) {
        return decide(row, false, 1, false);
    }

    private static BarrierDecision undo(BarrierRow row) {
        return decide(row, true, 1, false);
    }

    @Test
    void decidesActionsByWhatIsKnown() {
        assertThat(action(NEW)).isEqualTo(RUN);
        assertThat(action(at(BarrierState.STARTED))).isEqualTo(RUN);
        assertThat(action(at(BarrierState.ACTED))).isEqualTo(REPEAT);
        assertThat(action(at(BarrierState.REFUSED))).isEqualTo(REPEAT);
        assertThat(action(at(BarrierState.UNDO_STARTED))).isEqualTo(FENCED);
        assertThat(action(at(BarrierState.UNDONE))).isEqualTo(FENCED);
        assertThat(action(at(BarrierState.UNDONE_EMPTY))).isEqualTo(FENCED);
    }

    @Test
    void decidesCompensationsByWhatIsKnown() {
        assertThat(undo(NEW)).isEqualTo(EMPTY);
        assertThat(decide(NEW, true, 1, true)).isEqualTo(RUN);
        assertThat(undo(at(BarrierState.STARTED))).isEqualTo(RUN);
        assertThat(undo(at(BarrierState.ACTED))).isEqualTo(RUN);
        assertThat(undo(at(BarrierState.REFUSED))).isEqualTo(EMPTY);
        assertThat(undo(at(BarrierState.UNDO_STARTED))).isEqualTo(RUN);
        assertThat(undo(at(BarrierState.UNDONE))).isEqualTo(REPEAT);
        assertThat(undo(at(BarrierState.UNDONE_EMPTY))).isEqualTo(REPEAT);
    }

    @Test
    void workThatIsUnderWayIsWaitedForUntilItsLimit() {
        BarrierRow begun = NEW.claimed(BarrierState.STARTED);
        assertThat(action(begun)).isEqualTo(BUSY);
        assertThat(undo(begun)).isEqualTo(BUSY);
        assertThat(undo(NEW.claimed(BarrierState.UNDO_STARTED))).isEqualTo(BUSY);
        assertThat(action(begun.released())).isEqualTo(RUN);

        BarrierRow longAgo = new BarrierRow(begun.key(), begun.state(), null, null, 0, null, 1, LIMIT);
        assertThat(action(longAgo)).isEqualTo(RUN);
        assertThat(undo(longAgo)).isEqualTo(RUN);
    }

    @Test
    void aRefusedCompensationIsTriedAgainByLaterAttemptsOnly() {
        BarrierRow refused = at(BarrierState.ACTED).undone(BarrierState.ACTED, answer(ReplyOutcome.REFUSED), 2);
        assertThat(decide(refused, true, 1, false)).isEqualTo(REPEAT);
        assertThat(decide(refused, true, 2, false)).isEqualTo(REPEAT);
        assertThat(decide(refused, true, 3, false)).isEqualTo(RUN);
        assertThat(action(refused)).isEqualTo(REPEAT);
    }

    @Test
    void whatSomebodyElseHasDoneIsUndoneAlthoughNoActionWasHere() {
        SagaCommand command = new SagaCommand("saga", "order", "step", 1, true, null, Instant.EPOCH, "replies", true);
        assertThat(BarrierDecision.of(NEW, command, false, LIMIT)).isEqualTo(RUN);
    }
}
