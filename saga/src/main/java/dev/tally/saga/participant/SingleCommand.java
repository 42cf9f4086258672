package dev.tally.saga.participant;

import dev.tally.consume.Failures;
import dev.tally.consume.deadletter.DeadLetter;
import dev.tally.consume.deadletter.DeadLetterFailure;
import dev.tally.consume.deadletter.DeadLetterStore;
import dev.tally.observation.MessageObservations;
import dev.tally.observation.MessageObservations.Processing;
import dev.tally.observation.MessageProcessContext.Outcome;
import dev.tally.saga.message.ReplyOutcome;
import dev.tally.saga.message.SagaCommand;
import dev.tally.saga.participant.Incoming.Known;
import dev.tally.saga.participant.Incoming.Unusable;
import dev.tally.saga.participant.MethodCall.Failure;
import dev.tally.saga.participant.MethodCall.Result;
import dev.tally.transport.DeliveryOutcome;
import dev.tally.transport.Subscription;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.springframework.dao.DataIntegrityViolationException;

/** Handles commands each by itself, and decides what is done about a failure. Thread-safe. */
final class SingleCommand {

    private final Subscription subscription;
    private final OwnTransactions transactions;
    private final Steps steps;
    private final MethodCall call;
    private final Replies replies;
    private final ParticipantReport report;
    private final @Nullable DeadLetterStore deadLetters;
    private final InstantSource clock;
    private final MessageObservations observations;

    SingleCommand(
            Subscription subscription,
            OwnTransactions transactions,
            Steps steps,
            MethodCall call,
            Replies replies,
            ParticipantReport report,
            ParticipantParts parts) {
        this.subscription = subscription;
        this.transactions = transactions;
        this.steps = steps;
        this.call = call;
        this.replies = replies;
        this.report = report;
        this.deadLetters = parts.deadLetters();
        this.clock = parts.clock();
        this.observations = parts.observations();
    }

    DeliveryOutcome handle(Incoming incoming) {
        return observations.process(
                incoming.message(),
                subscription.topic(),
                subscription.group(),
                incoming.received().attempt(),
                processing -> incoming instanceof Unusable unusable
                        ? deadLetter(unusable, processing)
                        : handle((Known) incoming, processing));
    }

    private DeliveryOutcome handle(Known known, Processing processing) {
        Instant begin = clock.instant();
        StepOutcome outcome = transactions.persistently(() -> steps.handle(known));
        if (outcome instanceof StepOutcome.Begun begun) {
            outcome = outside(known, begun.row());
        }
        if (outcome instanceof StepOutcome.Refused refused) {
            outcome = transactions.persistently(() -> steps.record(known, refused.answer()));
        }
        Duration took = Duration.between(begin, clock.instant());
        if (outcome instanceof StepOutcome.Answered answered) {
            processing.ended(answered.anew() ? Outcome.HANDLED : Outcome.DUPLICATE, null);
            return report.answered(known.message(), took, answered.anew());
        }
        Throwable failure = outcome instanceof StepOutcome.Failed failed ? failed.failure() : null;
        processing.ended(Outcome.FAILED, failure);
        return failure == null ? busy(known, took, outcome) : failed(known, took, failure);
    }

    /**
     * Work outside of a transaction. A process that dies here leaves the step as begun; after the limit of work the next
     * attempt begins it again, with the same key.
     */
    private StepOutcome outside(Known known, BarrierRow row) {
        Result result = transactions.outside(() -> call.call(known, row.undoToken()));
        if (!(result instanceof Failure failure)) {
            return transactions.persistently(() -> steps.finish(known, row.runs(), result));
        }
        StepOutcome released = transactions.persistently(() -> steps.release(known, row.runs()));
        return released instanceof StepOutcome.Failed ? released : new StepOutcome.Failed(failure.failure());
    }

    private DeliveryOutcome busy(Known known, Duration took, StepOutcome outcome) {
        String reason = outcome instanceof StepOutcome.Busy busy ? busy.reason() : "it was refused twice";
        return known.received().attempt() < subscription.maxAttempts()
                ? report.retried(known.received(), took, reason)
                : answerFailed(known, took, reason, null);
    }

    private DeliveryOutcome failed(Known known, Duration took, Throwable failure) {
        if (Failures.isOutage(failure)) {
            return report.postponed(known.message(), failure);
        }
        if (failure instanceof InterruptedException || Thread.currentThread().isInterrupted()) {
            // The process is about to stop: it is not the command that failed.
            return report.retried(known.received(), took, "interrupted");
        }
        return answerFailed(known, took, Failures.reasonOf(failure), failure);
    }

    private DeliveryOutcome answerFailed(Known known, Duration took, String reason, @Nullable Throwable failure) {
        StepOutcome told =
                transactions.persistently(sending(() -> replies.send(known.command(), ReplyOutcome.FAILED, reason)));
        if (!(told instanceof StepOutcome.Failed failed)) {
            return report.answeredFailed(known, took, reason, failure);
        }
        return Failures.isOutage(failed.failure())
                ? report.postponed(known.message(), failed.failure())
                : report.retried(
                        known.received(),
                        took,
                        reason + "; nor could that be answered: " + Failures.reasonOf(failed.failure()));
    }

    /** Tells its saga, where it can be told which, and keeps it. */
    private DeliveryOutcome deadLetter(Unusable unusable, Processing processing) {
        processing.ended(Outcome.DEAD_LETTERED, unusable.failure());
        DeadLetterStore keeper = deadLetters;
        StepOutcome told = transactions.persistently(sending(() -> {
            answer(unusable);
            if (keeper != null) {
                keeper.keep(letter(unusable));
            }
        }));
        boolean kept = keeper != null;
        if (kept
                && told instanceof StepOutcome.Failed failed
                && failed.failure() instanceof DataIntegrityViolationException) {
            // A message that the table cannot hold, with a key that is too long for instance: the broker can.
            told = transactions.persistently(sending(() -> answer(unusable)));
            kept = false;
        }
        return told instanceof StepOutcome.Failed failed
                ? report.postponed(unusable.message(), failed.failure())
                : report.deadLettered(unusable, kept);
    }

    private void answer(Unusable unusable) {
        SagaCommand command = unusable.command();
        if (command != null) {
            replies.send(command, ReplyOutcome.FAILED, unusable.reason());
        }
    }

    private DeadLetter letter(Unusable unusable) {
        return DeadLetter.of(
                subscription.group(),
                unusable.message(),
                unusable.received().attempt(),
                DeadLetterFailure.of(unusable.reason(), unusable.failure()),
                unusable.received().storedAt());
    }

    private static Supplier<StepOutcome> sending(Runnable work) {
        return () -> {
            work.run();
            return new StepOutcome.Answered(null, true);
        };
    }
}
