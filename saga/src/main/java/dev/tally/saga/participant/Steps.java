package dev.tally.saga.participant;

import dev.tally.saga.message.ReplyOutcome;
import dev.tally.saga.message.SagaCommand;
import dev.tally.saga.participant.Incoming.Known;
import dev.tally.saga.participant.MethodCall.Done;
import dev.tally.saga.participant.MethodCall.Failure;
import dev.tally.saga.participant.MethodCall.Refusal;
import dev.tally.saga.participant.MethodCall.Result;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What commands do in a transaction: the barrier decides, the method runs if it may, and the answer is published. All of it
 * stands if the transaction commits, and none otherwise. Thread-safe.
 */
final class Steps {

    private static final Logger log = LoggerFactory.getLogger(ParticipantHandler.class);

    private final BarrierStore barrier;
    private final Replies replies;
    private final MethodCall call;
    private final InstantSource clock;
    private final Duration retention;
    private final Duration workLimit;

    Steps(ParticipantParts parts, Replies replies, MethodCall call) {
        this.barrier = parts.barrier();
        this.replies = replies;
        this.call = call;
        this.clock = parts.clock();
        this.retention = parts.retention();
        this.workLimit = parts.workLimit();
    }

    /** The rows of commands, locked; those of sagas that are too old have none. */
    Map<StepKey, BarrierRow> lock(Collection<Known> commands) {
        Map<StepKey, Instant> startedAt = new HashMap<>();
        for (Known known : commands) {
            if (!isForgotten(known.command())) {
                startedAt.put(known.key(), known.command().startedAt());
            }
        }
        return startedAt.isEmpty() ? Map.of() : barrier.lock(startedAt);
    }

    /** Stores what has changed since {@link #lock}. */
    void save(Map<StepKey, BarrierRow> locked, Map<StepKey, BarrierRow> now) {
        List<BarrierRow> changed = now.entrySet().stream()
                .filter(entry -> !entry.getValue().equals(locked.get(entry.getKey()))
                        || entry.getValue().state() == BarrierState.NEW)
                .map(Map.Entry::getValue)
                .toList();
        if (!changed.isEmpty()) {
            barrier.save(changed);
        }
    }

    /** Handles one command in a transaction of its own. */
    StepOutcome handle(Known known) {
        return alone(known, row -> handle(known, row));
    }

    /** Records the refusal of a command whose transaction was rolled back, unless something came in between. */
    StepOutcome record(Known known, StoredAnswer refusal) {
        return alone(
                known,
                row -> row != null && decide(known, row) == BarrierDecision.RUN
                        ? answered(known, withResult(known, row, new Refusal(refusal)))
                        : handle(known, row));
    }

    /** Records what work outside of a transaction came to, unless something came in between. */
    StepOutcome finish(Known known, int run, Result result) {
        return alone(known, row -> {
            if (row == null) {
                return handle(known, null);
            }
            BarrierDecision decision = decide(known, row);
            boolean stillMine = row.runs() == run && row.state() == begunState(known);
            if (stillMine || decision == BarrierDecision.RUN) {
                return answered(known, withResult(known, row, result));
            }
            if (decision == BarrierDecision.FENCED && result instanceof Done) {
                log.error(
                        "an action outside of a transaction ended after its compensation had begun; its effect may be"
                                + " there still, see to it; it took longer than workLimit={} step={} method={}",
                        workLimit,
                        known.key(),
                        known.method());
            }
            return handle(known, row);
        });
    }

    /** Work outside of a transaction failed, and may be begun again. */
    StepOutcome release(Known known, int run) {
        return alone(
                known, row -> new StepOutcome.Answered(row != null && row.runs() == run ? row.released() : row, true));
    }

    private interface Work {
        StepOutcome with(@Nullable BarrierRow row);
    }

    private StepOutcome alone(Known known, Work work) {
        try {
            Map<StepKey, BarrierRow> locked = lock(List.of(known));
            StepOutcome outcome = work.with(locked.get(known.key()));
            BarrierRow row = outcome instanceof StepOutcome.Answered answered
                    ? answered.row()
                    : outcome instanceof StepOutcome.Begun begun ? begun.row() : null;
            if (row != null) {
                save(locked, Map.of(known.key(), row));
            }
            return outcome;
        } catch (RuntimeException e) {
            return new StepOutcome.Failed(e);
        }
    }

    /** @param row {@code null} if the saga is too old */
    StepOutcome handle(Known known, @Nullable BarrierRow row) {
        SagaCommand command = known.command();
        if (row == null) {
            replies.send(
                    command,
                    ReplyOutcome.FORGOTTEN,
                    "the saga began at " + command.startedAt() + ", and participants remember for " + retention);
            return new StepOutcome.Answered(null, true);
        }
        return switch (decide(known, row)) {
            case RUN -> isExpired(command) ? expired(known, row) : run(known, row);
            case REPEAT -> repeat(known, row);
            case FENCED -> {
                replies.send(command, ReplyOutcome.FENCED, "the step is undone already");
                yield new StepOutcome.Answered(row, true);
            }
            case EMPTY -> answered(known, row.undone(BarrierState.UNDONE_EMPTY, call.done(null), command.attempt()));
            case BUSY -> new StepOutcome.Busy("step " + known.key() + " is being worked at since " + row.claimedFor());
        };
    }

    private StepOutcome repeat(Known known, BarrierRow row) {
        StoredAnswer answer = known.command().undo() ? row.undo() : row.action();
        replies.send(
                known.command(),
                Objects.requireNonNull(
                        answer, () -> "step " + row.key() + " is " + row.state() + " without an answer"));
        return new StepOutcome.Answered(row, false);
    }

    private StepOutcome run(Known known, BarrierRow row) {
        if (!known.method().isTransactional()) {
            return new StepOutcome.Begun(row.claimed(begunState(known)));
        }
        Result result = call.call(known, row.undoToken());
        if (result instanceof Failure failure) {
            return new StepOutcome.Failed(failure.failure());
        }
        if (result instanceof Refusal refusal) {
            return new StepOutcome.Refused(refusal.answer());
        }
        return answered(known, withResult(known, row, result));
    }

    private StepOutcome expired(Known known, BarrierRow row) {
        if (row.state() == BarrierState.NEW) {
            replies.send(
                    known.command(),
                    ReplyOutcome.EXPIRED,
                    "its deadline was " + known.command().deadline());
        } else {
            // Not "expired", which says that it had no effect: an earlier attempt of it has begun.
            replies.send(
                    known.command(),
                    ReplyOutcome.FAILED,
                    "its deadline has passed, and whether an earlier attempt took effect is not known");
        }
        return new StepOutcome.Answered(row, true);
    }

    /** Stores and sends the answer that a row has got. */
    private StepOutcome answered(Known known, BarrierRow row) {
        StepOutcome unused = repeat(known, row);
        return new StepOutcome.Answered(row, true);
    }

    private static BarrierRow withResult(Known known, BarrierRow row, Result result) {
        boolean undo = known.command().undo();
        int attempt = known.command().attempt();
        if (result instanceof Done done) {
            return undo
                    ? row.undone(BarrierState.UNDONE, done.answer(), attempt)
                    : row.acted(BarrierState.ACTED, done.answer(), done.token());
        }
        StoredAnswer answer = ((Refusal) result).answer();
        if (!undo) {
            return row.acted(BarrierState.REFUSED, answer, null);
        }
        // What is not undone stays as it was; where no action was here, one that comes later must not take effect.
        return row.undone(row.state() == BarrierState.NEW ? BarrierState.UNDO_STARTED : row.state(), answer, attempt);
    }

    private static BarrierState begunState(Known known) {
        return known.command().undo() ? BarrierState.UNDO_STARTED : BarrierState.STARTED;
    }

    private BarrierDecision decide(Known known, BarrierRow row) {
        return BarrierDecision.of(row, known.command(), known.method().isOfOthers(), workLimit);
    }

    private boolean isForgotten(SagaCommand command) {
        return command.startedAt().isBefore(clock.instant().minus(retention));
    }

    /** A compensation never is: doing it late is better than not doing it. */
    private boolean isExpired(SagaCommand command) {
        Instant deadline = command.deadline();
        return !command.undo() && deadline != null && clock.instant().isAfter(deadline);
    }
}
