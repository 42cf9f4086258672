package dev.tally.consume;

import dev.tally.consume.PayloadReader.Decoded;
import dev.tally.consume.PayloadReader.Reading;
import dev.tally.consume.PayloadReader.Undecodable;
import dev.tally.consume.deadletter.DeadLetter;
import dev.tally.consume.deadletter.DeadLetterFailure;
import dev.tally.consume.deadletter.DeadLetterStore;
import dev.tally.message.MessageId;
import dev.tally.observation.MessageObservations;
import dev.tally.observation.MessageObservations.Processing;
import dev.tally.observation.MessageProcessContext.Outcome;
import dev.tally.transport.DeliveryOutcome;
import dev.tally.transport.Subscription;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Objects;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.dao.ConcurrencyFailureException;

/** Handles messages each in a transaction of its own, and decides what is done about a failure. Thread-safe. */
final class SingleHandling {

    private static final Logger log = LoggerFactory.getLogger(IdempotentHandler.class);
    private static final int INSERT_ATTEMPTS = 3;

    private final Subscription subscription;
    private final HandlerCall call;
    private final HandlingReport report;
    private final DeadLettering deadLettering;
    private final InboxStore inbox;
    private final @Nullable Duration inboxRetention;
    private final @Nullable DeadLetterStore deadLetters;
    private final InstantSource clock;
    private final MessageObservations observations;

    SingleHandling(
            Subscription subscription,
            HandlerCall call,
            HandlingReport report,
            DeadLettering deadLettering,
            ConsumeParts parts) {
        this.subscription = subscription;
        this.call = call;
        this.report = report;
        this.deadLettering = deadLettering;
        this.inbox = parts.inbox();
        this.inboxRetention = parts.inboxRetention();
        this.deadLetters = parts.deadLetters();
        this.clock = parts.clock();
        this.observations = parts.observations();
    }

    DeliveryOutcome handle(Reading reading) {
        return reading instanceof Undecodable undecodable ? deadLetter(undecodable) : handle((Decoded) reading);
    }

    private DeliveryOutcome deadLetter(Undecodable reading) {
        return observed(reading, processing -> {
            processing.ended(Outcome.DEAD_LETTERED, reading.failure());
            return deadLettering.deadLetter(reading.received(), reading.reason(), reading.failure());
        });
    }

    private DeliveryOutcome handle(Decoded decoded) {
        return observed(decoded, processing -> {
            Instant begin = clock.instant();
            Attempt attempt = new Attempt(decoded, true);
            Throwable failure = call.inTransaction(attempt::handleOnce);
            for (int tries = 1; attempt.gaveWay && tries < INSERT_ATTEMPTS; tries++) {
                log.debug(
                        "gave way to another delivery messageId={}",
                        decoded.message().id(),
                        failure);
                attempt = new Attempt(decoded, true);
                failure = call.inTransaction(attempt::handleOnce);
            }
            Duration took = Duration.between(begin, clock.instant());
            if (failure != null) {
                return attempt.called
                        ? failed(decoded, took, failure, processing)
                        : notTried(decoded, failure, processing);
            }
            if (attempt.duplicate) {
                processing.ended(Outcome.DUPLICATE, null);
                return report.duplicate(decoded.message());
            }
            processing.ended(Outcome.HANDLED, null);
            return report.handled(decoded.message(), took);
        });
    }

    /** Its transaction did not begin, or its inbox row was refused, or it is too old: the handler has no part in that. */
    private DeliveryOutcome notTried(Decoded decoded, Throwable failure, Processing processing) {
        if (failure instanceof ForgottenMessageException) {
            processing.ended(Outcome.DEAD_LETTERED, failure);
            return deadLettering.deadLetter(decoded.received(), Failures.reasonOf(failure), null);
        }
        processing.ended(Outcome.FAILED, failure);
        return report.postponed(decoded.message(), failure);
    }

    private DeliveryOutcome failed(Decoded decoded, Duration took, Throwable failure, Processing processing) {
        String reason = Failures.reasonOf(failure);
        switch (call.actionFor(decoded, failure)) {
            case DEAD_LETTER -> {
                processing.ended(Outcome.DEAD_LETTERED, failure);
                return deadLettering.deadLetter(decoded.received(), reason, failure);
            }
            case SKIP -> {
                Throwable notRecorded = call.inTransaction(new Attempt(decoded, true)::skipOnce);
                if (notRecorded == null) {
                    processing.ended(Outcome.SKIPPED, failure);
                    return report.skipped(decoded.message(), failure);
                }
                failure.addSuppressed(notRecorded);
            }
            case STOP -> {
                processing.ended(Outcome.STOPPED, failure);
                return report.stopped(decoded.message(), failure);
            }
            case RETRY -> {
                if (Failures.isOutage(failure)) {
                    processing.ended(Outcome.FAILED, failure);
                    return report.postponed(decoded.message(), failure);
                }
            }
        }
        processing.ended(Outcome.FAILED, failure);
        DeliveryOutcome outcome = report.failed(decoded.received(), took, failure);
        int attempt = decoded.received().attempt();
        return attempt < subscription.maxAttempts()
                ? outcome
                : deadLettering.deadLetter(
                        decoded.received(),
                        "attempt " + attempt + " of " + subscription.maxAttempts() + " failed: " + reason,
                        failure);
    }

    /**
     * Handles a dead letter once more, in one transaction with its removal, if nobody else does.
     *
     * @return whether it was due
     */
    boolean replay(DeadLetter letter, Reading reading) {
        boolean forced = letter.replay() != null && letter.replay().forced();
        boolean[] due = new boolean[1];
        DeliveryOutcome unused = observed(reading, processing -> {
            Throwable failure;
            if (reading instanceof Decoded decoded) {
                Attempt attempt = new Attempt(decoded, !forced);
                failure = call.inTransaction(() -> {
                    due[0] = store().claim(letter.group(), letter.message().id());
                    return due[0] ? attempt.replayOnce() : null;
                });
                if (failure == null && due[0]) {
                    processing.ended(attempt.duplicate && !forced ? Outcome.DUPLICATE : Outcome.HANDLED, null);
                    report.replayed(letter.message(), !attempt.duplicate || forced);
                }
            } else {
                Undecodable undecodable = (Undecodable) reading;
                due[0] = true;
                failure = undecodable.failure() != null
                        ? undecodable.failure()
                        : new InvalidReplayException(letter.message().id(), undecodable.reason());
            }
            if (failure != null) {
                processing.ended(Outcome.DEAD_LETTERED, failure);
                due[0] = failedAgain(letter, failure);
            }
            return new DeliveryOutcome.Delivered();
        });
        return due[0];
    }

    /** Answers whether that could be kept. */
    private boolean failedAgain(DeadLetter letter, Throwable failure) {
        if (Failures.isOutage(failure)) {
            log.warn(
                    "cannot replay dead letter messageId={} now, it stays due",
                    letter.message().id(),
                    failure);
            return false;
        }
        DeadLetterFailure newFailure = DeadLetterFailure.of(Failures.reasonOf(failure), failure);
        Throwable notKept = call.inTransaction(() -> {
            store().failedAgain(letter, newFailure);
            return null;
        });
        if (notKept != null) {
            failure.addSuppressed(notKept);
            log.warn("cannot keep the failure of a replay, it stays due", failure);
            return false;
        }
        report.failedAgain(letter.message(), failure);
        return true;
    }

    private DeadLetterStore store() {
        return Objects.requireNonNull(deadLetters, "a dead letter comes from a store");
    }

    private DeliveryOutcome observed(Reading reading, Function<Processing, DeliveryOutcome> work) {
        return observations.process(
                reading.message(),
                subscription.topic(),
                subscription.group(),
                reading.received().attempt(),
                work);
    }

    /** A message in a transaction of its own. */
    private final class Attempt {

        private final Decoded decoded;
        private final boolean inboxDecides;
        private boolean gaveWay;
        private boolean duplicate;
        private boolean called;

        Attempt(Decoded decoded, boolean inboxDecides) {
            this.decoded = decoded;
            this.inboxDecides = inboxDecides;
        }

        @Nullable Throwable handleOnce() {
            try {
                insert();
            } catch (RuntimeException e) {
                // Deliveries that waited for one that rolled back can be each other's deadlock in InnoDB. The handler
                // has not been called yet, so nothing keeps this one from trying again at once.
                gaveWay = e instanceof ConcurrencyFailureException;
                return e;
            }
            if (duplicate && inboxDecides) {
                return null;
            }
            called = true;
            return call.call(List.of(decoded));
        }

        @Nullable Throwable replayOnce() {
            Throwable failure = handleOnce();
            if (failure == null) {
                store().replayed(subscription.group(), id());
            }
            return failure;
        }

        /** Only remembers it, so that it counts as handled if it comes again. */
        @Nullable Throwable skipOnce() {
            try {
                insert();
                return null;
            } catch (RuntimeException e) {
                return e;
            }
        }

        private void insert() {
            duplicate = inbox.insertNew(subscription.group(), List.of(id())).isEmpty();
            if (!duplicate && inboxDecides) {
                HandlerCall.requireRemembered(decoded.received(), inboxRetention, clock.instant());
            }
        }

        private MessageId id() {
            return decoded.message().id();
        }
    }
}
