package dev.tally.saga.participant;

import dev.tally.consume.BatchLimit;
import dev.tally.consume.Failures;
import dev.tally.message.Message;
import dev.tally.observation.MessageObservations;
import dev.tally.observation.MessageObservations.BatchProcessing;
import dev.tally.observation.MessageProcessContext.Outcome;
import dev.tally.saga.participant.Incoming.Known;
import dev.tally.transport.BatchHandler;
import dev.tally.transport.DeliveryOutcome;
import dev.tally.transport.ReceivedMessage;
import dev.tally.transport.Subscription;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Handles the commands to one participant, each with one effect and one answer.
 *
 * <ol>
 *   <li>Headers and payloads are read; what cannot be is answered as failed where it can be told whom, and dead-lettered.
 *   <li>A transaction begins for up to {@link Subscription#batch()} commands, and locks the rows of their steps in the
 *       barrier, in the order of their keys; a step without a row gets one.
 *   <li>For each of them in order, the row decides: the method runs, or what was answered before is answered again, or it is
 *       told that it is too late. The answer goes to the outbox.
 *   <li>The rows are stored, and the commit makes all of it stand. If anything fails or is refused, all of it is taken back,
 *       and each command is handled by itself.
 *   <li>A refusal is recorded and answered in a further transaction, a failure only answered.
 * </ol>
 *
 * A method outside of transactions runs between two of them: the first one records that it is begun, the second one what it came
 * to. In between others find the step busy. Thread-safe.
 */
final class ParticipantHandler implements BatchHandler {

    private final Subscription subscription;
    private final CommandReader reader;
    private final OwnTransactions transactions;
    private final Steps steps;
    private final SingleCommand single;
    private final ParticipantReport report;
    private final BatchLimit limit;
    private final InstantSource clock;
    private final MessageObservations observations;

    ParticipantHandler(Subscription subscription, Participant participant, ParticipantParts parts) {
        this.subscription = subscription;
        this.reader = new CommandReader(participant, parts.codec(), parts.upcasters());
        this.transactions = new OwnTransactions(parts.transactions());
        MethodCall call = new MethodCall(parts.codec());
        Replies replies = new Replies(parts.publisher());
        this.steps = new Steps(parts, replies, call);
        this.report = new ParticipantReport(subscription, parts.listener());
        this.single = new SingleCommand(subscription, transactions, steps, call, replies, report, parts);
        this.limit = new BatchLimit(subscription.batch(), parts.clock());
        this.clock = parts.clock();
        this.observations = parts.observations();
    }

    @Override
    public List<DeliveryOutcome> handle(List<ReceivedMessage> batch) {
        List<Incoming> incoming = batch.stream().map(reader::read).toList();
        List<DeliveryOutcome> outcomes = new ArrayList<>(batch.size());
        Map<String, Message> failed = new HashMap<>();
        DeliveryOutcome ofAllBehind = null;
        while (outcomes.size() < batch.size()) {
            List<Known> part =
                    ofAllBehind == null && failed.isEmpty() ? together(incoming, outcomes.size()) : List.of();
            List<DeliveryOutcome> done = part.size() > 1 ? handleTogether(part) : null;
            if (done != null) {
                outcomes.addAll(done);
                continue;
            }
            int until = outcomes.size() + Math.max(1, part.size());
            while (outcomes.size() < until) {
                DeliveryOutcome outcome =
                        ofAllBehind != null ? ofAllBehind : handleInTurn(incoming.get(outcomes.size()), failed);
                outcomes.add(outcome);
                if (outcome instanceof DeliveryOutcome.Later) {
                    ofAllBehind = outcome;
                }
            }
        }
        return outcomes;
    }

    /** The commands from {@code from} on that may share a transaction: those of methods that run in one. */
    private List<Known> together(List<Incoming> incoming, int from) {
        List<Known> part = new ArrayList<>();
        int most = limit.now();
        for (int i = from; i < incoming.size() && part.size() < most; i++) {
            if (!(incoming.get(i) instanceof Known known) || !known.method().isTransactional()) {
                break;
            }
            part.add(known);
        }
        return part;
    }

    /** Handles a message alone, unless one before it has to come again that it has to wait for. */
    private DeliveryOutcome handleInTurn(Incoming incoming, Map<String, Message> failed) {
        String key = incoming.message().key();
        Message before = key == null ? null : failed.get(key);
        if (before != null) {
            return new DeliveryOutcome.Retry("it waits for the one before it, " + before.id());
        }
        DeliveryOutcome outcome = single.handle(incoming);
        if (key != null && outcome instanceof DeliveryOutcome.Retry) {
            failed.put(key, incoming.message());
        }
        return outcome;
    }

    /** Handles commands in one transaction; {@code null} if it was rolled back, and nothing has happened. */
    private @Nullable List<DeliveryOutcome> handleTogether(List<Known> part) {
        List<InBatch> inBatch = part.stream().map(InBatch::new).toList();
        StepOutcome outcome = transactions.in(() -> handleAll(inBatch));
        if (outcome instanceof StepOutcome.Answered) {
            limit.committed(part.size());
            return inBatch.stream().map(InBatch::committed).toList();
        }
        inBatch.forEach(InBatch::takenBack);
        boolean conflict = false;
        String reason = "a command was refused or has to wait";
        if (outcome instanceof StepOutcome.Failed failed) {
            conflict = Failures.isConflict(failed.failure());
            reason = Failures.reasonOf(failed.failure());
        }
        limit.rolledBack(conflict);
        report.takenApart(part.size(), reason);
        return null;
    }

    private StepOutcome handleAll(List<InBatch> batch) {
        try {
            Map<StepKey, BarrierRow> locked =
                    steps.lock(batch.stream().map(each -> each.known).toList());
            Map<StepKey, BarrierRow> rows = new HashMap<>(locked);
            for (InBatch each : batch) {
                StepOutcome outcome = each.handle(rows);
                if (!(outcome instanceof StepOutcome.Answered)) {
                    return outcome;
                }
            }
            steps.save(locked, rows);
            return new StepOutcome.Answered(null, true);
        } catch (RuntimeException e) {
            return new StepOutcome.Failed(e);
        }
    }

    /** A command that shares its transaction with others. */
    private final class InBatch {

        private final Known known;
        private @Nullable BatchProcessing processing;
        private @Nullable Throwable failure;
        private boolean anew;
        private Duration took = Duration.ZERO;

        InBatch(Known known) {
            this.known = known;
        }

        StepOutcome handle(Map<StepKey, BarrierRow> rows) {
            Instant begin = clock.instant();
            BatchProcessing begun = observations.processing(
                    known.message(),
                    subscription.topic(),
                    subscription.group(),
                    known.received().attempt());
            processing = begun;
            try {
                StepOutcome outcome = steps.handle(known, rows.get(known.key()));
                if (outcome instanceof StepOutcome.Answered answered) {
                    anew = answered.anew();
                    if (answered.row() != null) {
                        rows.put(known.key(), answered.row());
                    }
                } else if (outcome instanceof StepOutcome.Failed failed) {
                    failure = failed.failure();
                }
                return outcome;
            } catch (RuntimeException e) {
                failure = e;
                throw e;
            } finally {
                begun.left();
                took = Duration.between(begin, clock.instant());
            }
        }

        DeliveryOutcome committed() {
            if (processing != null) {
                processing.ended(anew ? Outcome.HANDLED : Outcome.DUPLICATE, null);
            }
            return report.answered(known.message(), took, anew);
        }

        void takenBack() {
            if (processing != null) {
                processing.ended(Outcome.TAKEN_BACK, failure);
            }
        }
    }
}
