package dev.tally.saga.view;

import dev.tally.saga.SagaState;
import dev.tally.saga.store.HistoryEntry;
import dev.tally.saga.store.Mail;
import dev.tally.saga.store.SagaEvent;
import dev.tally.saga.store.StepProgress;
import dev.tally.saga.store.StoredSaga;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * One saga with all that is known of it.
 *
 * @param id the saga's
 * @param name of its definition
 * @param definitionVersion the version with which it runs
 * @param businessKey what it is about
 * @param state where it is
 * @param parked why it waits for a person; {@code null} unless it is parked
 * @param startedAt when it began
 * @param endedAt when it ended, or {@code null}
 * @param wakeAt when something happens by itself, or {@code null}
 * @param deadlineAt when it goes its way back, or {@code null}
 * @param data its data as JSON
 * @param steps its steps that have begun or were left out
 * @param timeline what happened, in order
 * @param waiting what has arrived and waits
 * @param strays what has arrived and changed nothing
 * @param diagram a Mermaid flow chart with the states drawn in; {@code null} if its definition is not here
 * @since 0.1
 */
public record SagaExplanation(
        String id,
        String name,
        int definitionVersion,
        String businessKey,
        SagaState state,
        @Nullable String parked,
        Instant startedAt,
        @Nullable Instant endedAt,
        @Nullable Instant wakeAt,
        @Nullable Instant deadlineAt,
        String data,
        Map<String, StepProgress> steps,
        List<Moment> timeline,
        List<Arrival> waiting,
        List<Arrival> strays,
        @Nullable String diagram) {

    /**
     * One change.
     *
     * @param version the saga's version after it
     * @param at when
     * @param events what happened
     * @param actor who did it, or {@code null}
     * @param reason why, or {@code null}
     * @param changes what became of the data: each property that changed, with its old and its new value as JSON
     */
    public record Moment(
            long version,
            Instant at,
            List<SagaEvent> events,
            @Nullable String actor,
            @Nullable String reason,
            Map<String, Change> changes) {}

    /**
     * A property that changed.
     *
     * @param before its value as JSON; {@code null} if there was none
     * @param after its value as JSON; {@code null} if there is none
     */
    public record Change(@Nullable String before, @Nullable String after) {}

    /**
     * Something that arrived.
     *
     * @param id the message's
     * @param name the step's or signal's
     * @param at when
     * @param why why it was not taken, or {@code null}
     */
    public record Arrival(
            String id, String name, Instant at, @Nullable String why) {
        static Arrival of(Mail mail) {
            return new Arrival(mail.id(), mail.name(), mail.at(), mail.why());
        }
    }

    static SagaExplanation of(StoredSaga saga, List<HistoryEntry> history, List<Mail> mail, @Nullable String diagram) {
        return new SagaExplanation(
                saga.id(),
                saga.name(),
                saga.definitionVersion(),
                saga.businessKey(),
                saga.state(),
                saga.parking() == null
                        ? null
                        : saga.parking().kind() + ": " + saga.parking().reason(),
                saga.startedAt(),
                saga.endedAt(),
                saga.wakeAt(),
                saga.deadlineAt(),
                saga.data(),
                saga.steps(),
                new Timeline().of(history),
                mail.stream()
                        .filter(each -> each.kind() != Mail.Kind.STRAY)
                        .map(Arrival::of)
                        .toList(),
                mail.stream()
                        .filter(each -> each.kind() == Mail.Kind.STRAY)
                        .map(Arrival::of)
                        .toList(),
                diagram);
    }
}
