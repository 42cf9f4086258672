package dev.tally.saga.engine;

import dev.tally.message.Destination;
import dev.tally.message.Headers;
import dev.tally.message.Message;
import dev.tally.message.MessageIds;
import dev.tally.message.PayloadUnwritableException;
import dev.tally.publish.OutgoingMessage;
import dev.tally.publish.Via;
import dev.tally.saga.RefusedException;
import dev.tally.saga.SagaStart;
import dev.tally.saga.SagaState;
import dev.tally.saga.StepContext;
import dev.tally.saga.StepState;
import dev.tally.saga.definition.Merge;
import dev.tally.saga.definition.SagaDefinition;
import dev.tally.saga.message.NoContent;
import dev.tally.saga.message.ReplyOutcome;
import dev.tally.saga.message.SagaCommand;
import dev.tally.saga.message.SagaReply;
import dev.tally.saga.store.Body;
import dev.tally.saga.store.HistoryEntry;
import dev.tally.saga.store.Mail;
import dev.tally.saga.store.ParentStep;
import dev.tally.saga.store.Parking;
import dev.tally.saga.store.SagaEvent;
import dev.tally.saga.store.StoredSaga;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;

/**
 * What is done for sagas in one transaction: stimuli go in, their effects are done, and everything is kept at the end. For one
 * thread and one transaction, which has to be rolled back if anything is thrown.
 */
final class SagaWork {

    private final EngineParts parts;
    private final KnownFailures failures;
    private final Opening opening;
    private final SubSagas subSagas;
    private final LockSteps locks;
    private final Instant now;
    private final Map<String, SagaRun<?>> runs = new LinkedHashMap<>();
    private final List<Mail> mail = new ArrayList<>();
    private final Set<String> waked = new HashSet<>();
    private @Nullable String actor;
    private @Nullable String reason;

    SagaWork(EngineParts parts, KnownFailures failures) {
        this.parts = parts;
        this.failures = failures;
        this.opening = new Opening(parts);
        this.now = parts.clock().instant().truncatedTo(ChronoUnit.MILLIS);
        this.subSagas = new SubSagas(parts, this);
        this.locks = new LockSteps(parts.locks(), now);
    }

    Instant now() {
        return now;
    }

    /** Who does it, for the history. */
    void by(String newActor, String newReason) {
        actor = newActor;
        reason = newReason;
    }

    /** Whether this application can go on with the saga. */
    boolean canOpen(StoredSaga saga) {
        return opening.isPossible(saga);
    }

    /** A locked saga, ready to go on; the same one each time. */
    SagaRun<?> open(StoredSaga saga) {
        return open(saga, false);
    }

    SagaRun<?> open(StoredSaga saga, boolean adopting) {
        SagaRun<?> run = runs.get(saga.id());
        if (run == null) {
            run = opening.open(saga, now, adopting);
            runs.put(saga.id(), run);
        }
        return run;
    }

    /** Does something with a saga, and all that follows from it. */
    void apply(SagaRun<?> run, Runnable stimulus) {
        pure(run, stimulus);
        drain(run);
    }

    /** What the definition's functions throw parks the saga; what the engine's own work throws does not. */
    static void pure(SagaRun<?> run, Runnable stimulus) {
        try {
            stimulus.run();
        } catch (SagaActRefusedException e) {
            throw e;
        } catch (RuntimeException e) {
            throw new DefinitionFailure(run.before().id(), new Parking(Parking.Kind.ERROR, Opening.message(e)), e);
        }
    }

    /** Starts a saga unless there is one with its key. */
    SagaStart start(String name, String id, String businessKey, Object data, @Nullable ParentStep parent) {
        return start(parts.definitions().latest(name), id, businessKey, data, parent);
    }

    private <D> SagaStart start(
            SagaDefinitions.Known<D> known, String id, String businessKey, Object data, @Nullable ParentStep parent) {
        SagaDefinition<D> definition = known.definition();
        if (!definition.dataType().isInstance(data)) {
            throw new IllegalArgumentException("Cannot start saga '" + definition.name() + "' for '" + businessKey
                    + "': its data is a " + definition.dataType().getName() + ", not a "
                    + data.getClass().getName() + "; nothing was done");
        }
        StoredSaga unborn =
                StoredSagas.unborn(definition, id, businessKey, parts.data().encode(data), parent, now);
        SagaRun<D> run = new SagaRun<>(
                definition, known.graph(), unborn, definition.dataType().cast(data), now, parts.random());
        pure(run, run::begin);
        // Mostly there is nothing to do but sending commands, and then one row with what follows is all that is
        // written.
        String json = json(run);
        StoredSaga first = run.after(json);
        if (!parts.store().insertNew(first, run.history(actor, reason, json))) {
            return existing(definition.name(), businessKey);
        }
        parts.listener().started(definition.name());
        tell(run);
        if (run.hasOnlyMessages()) {
            drain(run);
            return new SagaStart(id, first.state(), true);
        }
        SagaRun<D> going = run.goingOnFrom(first);
        runs.put(id, going);
        drain(going);
        return new SagaStart(id, going.state(), true);
    }

    private SagaStart existing(String name, String businessKey) {
        StoredSaga saga = parts.store()
                .findExisting(name, businessKey)
                .orElseThrow(() -> new IllegalStateException("Cannot start saga '" + name + "' for '" + businessKey
                        + "': there is one that this transaction cannot see yet; roll back and try again"));
        return new SagaStart(saga.id(), saga.state(), false);
    }

    private <D> void drain(SagaRun<D> run) {
        for (Effect effect = run.nextEffect(); effect != null; effect = run.nextEffect()) {
            perform(run, effect);
        }
    }

    private <D> void perform(SagaRun<D> run, Effect effect) {
        if (effect instanceof Effect.SendCommand command) {
            send(run, command);
        } else if (effect instanceof Effect.RunLocal<?> local) {
            runLocal(run, local);
        } else if (effect instanceof Effect.TakeSignal signal) {
            takeSignal(run, signal);
        } else if (effect instanceof Effect.StartSaga saga) {
            subSagas.start(run, saga);
        } else if (effect instanceof Effect.CancelSaga cancel) {
            subSagas.cancel(run, cancel);
        } else if (effect instanceof Effect.AcquireLock lock) {
            locks.acquire(run, lock);
        } else if (effect instanceof Effect.End) {
            end(run);
        }
    }

    private void send(SagaRun<?> run, Effect.SendCommand command) {
        StoredSaga saga = run.before();
        SagaCommand header = new SagaCommand(
                saga.id(),
                saga.name(),
                command.step(),
                command.attempt(),
                command.undo(),
                command.deadline(),
                saga.startedAt(),
                parts.replyTopic(),
                command.elsewhere());
        try {
            publish(
                    parts.topics().apply(command.participant()),
                    saga.id(),
                    command.payload(),
                    header.headers(),
                    run.definition().commandsVia());
        } catch (PayloadUnwritableException e) {
            throw new DefinitionFailure(saga.id(), new Parking(Parking.Kind.ERROR, Opening.message(e)), e);
        }
    }

    private void publish(String topic, String key, Object payload, Headers headers, Via via) {
        parts.publisher()
                .publish(new OutgoingMessage(
                        new Destination(topic, null), key, payload, headers, Duration.ZERO, null, via));
    }

    private <D> void runLocal(SagaRun<D> run, Effect.RunLocal<?> effect) {
        @SuppressWarnings("unchecked") // The run makes its effects of its own definition.
        Effect.RunLocal<D> local = (Effect.RunLocal<D>) effect;
        StoredSaga saga = run.before();
        KnownFailures.Attempt attempt =
                new KnownFailures.Attempt(saga.id(), local.step(), local.undo(), local.attempt());
        LocalFailure known = failures.of(attempt);
        if (known != null) {
            pure(run, () -> run.localFailed(local.step(), local.undo(), known.isRefused(), Opening.message(known)));
            return;
        }
        StepContext context = new StepContext(
                saga.id(), saga.name(), saga.businessKey(), local.step(), local.attempt(), local.undo(), null);
        D data;
        try {
            data = local.work().run(run.data(), context);
        } catch (RefusedException e) {
            throw new LocalFailure(attempt, true, e);
        } catch (Exception e) {
            throw new LocalFailure(attempt, false, e);
        }
        pure(run, () -> run.localDone(local.step(), local.undo(), data));
    }

    private void takeSignal(SagaRun<?> run, Effect.TakeSignal effect) {
        if (run.progress(effect.step()).state() != StepState.ACTIVE) {
            return;
        }
        Optional<Mail> first = parts.store().mail(run.before().id(), Mail.Kind.SIGNAL, effect.signal()).stream()
                .findFirst();
        if (first.isPresent()) {
            Mail signal = first.get();
            parts.store().removeMail(signal.sagaId(), List.of(signal.id()));
            int attempt = run.progress(effect.step()).attempt();
            Object content = content(run, effect.step(), false, ReplyOutcome.DONE, signal.body());
            pure(run, () -> run.answer(new Answer(effect.step(), false, attempt, ReplyOutcome.DONE, content, null)));
        }
    }

    private void end(SagaRun<?> run) {
        StoredSaga saga = run.before();
        if (run.usesLocks()) {
            parts.locks().releaseAll(saga.id(), now).forEach(this::wake);
        }
        ParentStep parent = saga.parent();
        if (parent == null) {
            return;
        }
        boolean done = run.state() == SagaState.COMPLETED;
        SagaReply reply = new SagaReply(
                parent.sagaId(),
                parent.step(),
                parent.attempt(),
                parent.undo(),
                done ? ReplyOutcome.DONE : ReplyOutcome.REFUSED,
                done ? null : "saga " + saga.title() + " was compensated");
        publish(
                parts.replyTopic(),
                parent.sagaId(),
                done ? run.data() : new NoContent(),
                reply.headers(),
                run.definition().commandsVia());
    }

    /** Wakes another saga, which may be, or come to be, one that this work changes and keeps as a whole. */
    private void wake(String id) {
        parts.store().wake(id, RunState.atOnce(now));
        waked.add(id);
    }

    /** Takes a reply, or keeps it as one that changes nothing. */
    void reply(SagaRun<?> run, SagaReply reply, Message message) {
        Mail asMail = asMail(reply, message);
        if (run.holdsAnswers()) {
            mail.add(asMail);
            return;
        }
        // Before its content is read, which nobody needs of a stray one.
        String refusal = run.refusal(
                new Answer(reply.step(), reply.undo(), reply.attempt(), reply.outcome(), null, reply.reason()));
        if (refusal != null) {
            StepState step = run.progress(reply.step()).state();
            keepStray(run.before().name(), asMail, revealing(refusal, reply, run.state(), step));
            return;
        }
        Object content = content(run, reply.step(), reply.undo(), reply.outcome(), asMail.body());
        Answer answer =
                new Answer(reply.step(), reply.undo(), reply.attempt(), reply.outcome(), content, reply.reason());
        apply(run, () -> run.answer(answer));
    }

    /** A reply for a saga that has ended, which no definition is needed for. */
    void late(StoredSaga saga, SagaReply said, Message message) {
        String why = "the saga has ended: it is " + saga.state();
        StepState step = saga.step(said.step()).state();
        keepStray(saga.name(), asMail(said, message), revealing(why, said, saga.state(), step));
    }

    private static String revealing(String why, SagaReply said, SagaState saga, StepState step) {
        boolean reveals = said.outcome() == ReplyOutcome.DONE
                && !said.undo()
                && saga == SagaState.COMPENSATED
                && step == StepState.REFUSED;
        return reveals ? why + "; it reveals an effect that nobody undoes" : why;
    }

    void keepStray(String saga, Mail reply, String why) {
        mail.add(new Mail(
                reply.id(), reply.sagaId(), Mail.Kind.STRAY, reply.name(), reply.headers(), reply.body(), why, now));
        parts.listener().stray(saga, reply.sagaId(), why);
    }

    /** A reply for later. */
    void keep(SagaReply reply, Message message) {
        mail.add(asMail(reply, message));
    }

    /** A reply as what waits for its saga. */
    private Mail asMail(SagaReply reply, Message message) {
        return mail(reply, message, now);
    }

    /** A reply as what waits for its saga. */
    static Mail mail(SagaReply reply, Message message, Instant now) {
        return new Mail(
                message.id().value(),
                MessageIds.of(reply.sagaId()).value(),
                Mail.Kind.REPLY,
                reply.step(),
                message.headers().asMap(),
                new Body(message.type(), message.payload()),
                null,
                now);
    }

    private @Nullable Object content(SagaRun<?> run, String step, boolean undo, ReplyOutcome outcome, Body body) {
        Merge<?, ?> merge = run.merge(step, undo, outcome);
        if (merge == null || body.type().equals(NoContent.TYPE)) {
            return null;
        }
        try {
            return parts.codec().decode(body.bytes(), merge.type());
        } catch (RuntimeException e) {
            throw new DefinitionFailure(
                    run.before().id(),
                    new Parking(
                            Parking.Kind.ERROR,
                            "the answer of step '" + step + "' cannot be read: " + Opening.message(e)),
                    e);
        }
    }

    /** Parks a saga that cannot be opened. */
    void park(StoredSaga saga, Parking parking) {
        parts.store()
                .save(
                        List.of(StoredSagas.parked(saga, parking)),
                        List.of(StoredSagas.parkedHistory(saga, parking, now)));
        parts.listener().parked(saga.name(), saga.id(), parking.reason());
    }

    /** Keeps everything. The last thing to do. */
    void keepAll() {
        List<StoredSaga> sagas = new ArrayList<>();
        List<HistoryEntry> history = new ArrayList<>();
        for (SagaRun<?> run : runs.values()) {
            if (run.isChanged()) {
                if (waked.contains(run.before().id())) {
                    run.wakeSoon();
                }
                String json = json(run);
                sagas.add(run.after(json));
                history.add(run.history(actor, reason, json));
                tell(run);
            }
        }
        parts.store()
                .save(
                        sagas,
                        history.stream()
                                .filter(entry -> !entry.events().isEmpty())
                                .toList());
        if (!mail.isEmpty()) {
            parts.store().putMail(mail);
        }
    }

    /** Data that cannot be written is a fault of the saga's own, and holds up no other. */
    private String json(SagaRun<?> run) {
        try {
            return parts.data().encode(run.data());
        } catch (JacksonException e) {
            throw new DefinitionFailure(
                    run.before().id(),
                    new Parking(Parking.Kind.ERROR, "its data cannot be written: " + e.getOriginalMessage()),
                    e);
        }
    }

    private void tell(SagaRun<?> run) {
        StoredSaga saga = run.before();
        for (SagaEvent event : run.events()) {
            if (event.step() != null && event.to() != null) {
                parts.listener().stepMoved(saga.name(), event.step(), StepState.valueOf(event.to()), event.text());
            } else if (event.what().equals(SagaState.PARKED.name())) {
                parts.listener().parked(saga.name(), saga.id(), String.valueOf(event.text()));
            } else if (event.what().equals("overdue")) {
                parts.listener().overdue(saga.name(), saga.id());
            }
        }
        if (run.state().isEnd()) {
            parts.listener().ended(saga.name(), run.state(), Duration.between(saga.startedAt(), now));
        }
    }
}
