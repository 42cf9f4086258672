package dev.tally.consume;

import dev.tally.audit.AuditEntry;
import dev.tally.audit.AuditLog;
import dev.tally.transport.PositionMove;
import dev.tally.transport.SubscriptionControl;
import dev.tally.transport.SubscriptionPositions;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * What people can do with the consumers of this process: see them, pause and resume them, change how many messages they
 * handle at once or in a second, and move the positions of their groups. Each act is recorded with who did it and why
 * before it is done. Moving positions concerns the whole group; the other acts concern this member of the group alone and
 * are forgotten when it ends. Thread-safe.
 *
 * @since 0.1
 */
public final class ConsumerOperations {

    private static final String SEEK = "seek-consumer";

    private final Supplier<List<RunningConsumer>> consumers;
    private final AuditLog audit;
    private final Supplier<Instant> remembersSince;

    /**
     * Creates the operations.
     *
     * @param consumers those that are subscribed at the moment
     * @param remembersSince what was handled since then is in the inbox; before, it may have been purged
     */
    public ConsumerOperations(
            Supplier<List<RunningConsumer>> consumers, AuditLog audit, Supplier<Instant> remembersSince) {
        this.consumers = consumers;
        this.audit = audit;
        this.remembersSince = remembersSince;
    }

    /**
     * One thing that a person does with a consumer.
     *
     * @param topic its topic
     * @param group its group
     * @param actor who does it; not blank
     * @param reason why; not blank
     */
    public record Act(String topic, String group, String actor, String reason) {

        String subject() {
            return topic + " of group " + group;
        }
    }

    /**
     * Begins no further handler until {@link #resume}.
     *
     * @throws UnknownConsumerException if there is no such consumer here
     */
    public void pause(Act act) {
        perform(act, "pause-consumer", "", SubscriptionControl::pause);
    }

    /**
     * Goes on after {@link #pause}.
     *
     * @throws UnknownConsumerException if there is no such consumer here
     */
    public void resume(Act act) {
        perform(act, "resume-consumer", "", SubscriptionControl::resume);
    }

    /**
     * Changes how many handlers may run at once.
     *
     * @param min at least 1
     * @param max at least {@code min}
     * @throws UnknownConsumerException if there is no such consumer here
     * @throws IllegalArgumentException if the numbers mean nothing
     */
    public void concurrency(Act act, int min, int max) {
        if (min < 1 || max < min) {
            throw new IllegalArgumentException("Cannot handle " + act.subject() + " with a concurrency from " + min
                    + " to " + max + ": at least 1, and a most that is no less than the least, is possible; nothing was"
                    + " done");
        }
        perform(
                act,
                "change-consumer",
                "concurrency from " + min + " to " + max,
                control -> control.concurrency(min, max));
    }

    /**
     * Changes how many messages begin to be handled in a second at most.
     *
     * @param messagesPerSecond positive, {@link Double#POSITIVE_INFINITY} for no limit
     * @throws UnknownConsumerException if there is no such consumer here
     * @throws IllegalArgumentException if the number means nothing
     */
    public void rate(Act act, double messagesPerSecond) {
        if (!(messagesPerSecond > 0)) {
            throw new IllegalArgumentException("Cannot handle " + messagesPerSecond + " messages of " + act.subject()
                    + " in a second: it has to be positive; nothing was done");
        }
        perform(
                act,
                "change-consumer",
                String.format(Locale.ROOT, "at most %s messages in a second", messagesPerSecond),
                control -> control.rate(messagesPerSecond));
    }

    /**
     * Where a group would go on from a time; changes nothing.
     *
     * @throws UnknownConsumerException if there is no such consumer here, or if its transport has no positions
     */
    public List<PositionMove> previewToTime(String topic, String group, Instant time) {
        return positions(topic, group, SEEK).planTo(time);
    }

    /**
     * How a group would get to a position of one queue; changes nothing.
     *
     * @throws UnknownConsumerException if there is no such consumer here, or if its transport has no positions
     */
    public List<PositionMove> previewToPosition(String topic, String group, String queue, long position) {
        return List.of(positions(topic, group, SEEK).planTo(queue, position));
    }

    /**
     * Lets the whole group go on from a time: backwards, what was handled before is a duplicate and changes nothing;
     * forwards, what lies between is not handled.
     *
     * @param force also where the inbox no longer remembers what comes again, so that it may take effect a second time
     * @return what was done in each queue
     * @throws UnknownConsumerException if there is no such consumer here, or if its transport has no positions
     * @throws IllegalArgumentException if it has to be forced and is not
     */
    public List<PositionMove> seekToTime(Act act, Instant time, boolean force) {
        return seek(act, "from " + time, positions -> positions.planTo(time), force);
    }

    /**
     * Lets the whole group go on from a position of one queue; see {@link #seekToTime}.
     *
     * @param queue its name, as {@link SubscriptionPositions#read} has it
     */
    public List<PositionMove> seekToPosition(Act act, String queue, long position, boolean force) {
        return seek(
                act,
                "from position " + position + " of " + queue,
                positions -> List.of(positions.planTo(queue, position)),
                force);
    }

    private List<PositionMove> seek(
            Act act, String where, Function<SubscriptionPositions, List<PositionMove>> plan, boolean force) {
        SubscriptionPositions positions = positions(act.topic(), act.group(), SEEK);
        List<PositionMove> moves = plan.apply(positions);
        Instant since = remembersSince.get();
        List<String> forgotten = moves.stream()
                .filter(move -> move.replayed() > 0)
                .filter(move ->
                        Optional.ofNullable(move.since()).orElse(Instant.MIN).isBefore(since))
                .map(PositionMove::queue)
                .toList();
        if (!forgotten.isEmpty() && !force) {
            throw new IllegalArgumentException("Cannot " + SEEK + " " + act.subject() + ": in " + forgotten
                    + " messages would come again that were stored before " + since
                    + ", or at a time that is not known;"
                    + " the inbox remembers what was handled since then only, so that they could take effect a second"
                    + " time; nothing was done. Where that is wanted it can be forced");
        }
        String forced = forgotten.isEmpty() ? "" : ", FORCED beyond what the inbox remembers";
        audit.record(new AuditEntry(
                act.actor(), SEEK, act.subject(), act.reason(), where + forced + ": " + MovesText.of(moves)));
        positions.seek(moves);
        return moves;
    }

    private SubscriptionPositions positions(String topic, String group, String action) {
        return find(topic, group, action)
                .positions()
                .orElseThrow(() -> new UnknownConsumerException("Cannot " + action + " " + topic + " of group " + group
                        + ": its transport has no positions; nothing was done"));
    }

    private void perform(Act act, String action, String detail, Consumer<SubscriptionControl> change) {
        SubscriptionControl control = control(act, action);
        audit.record(new AuditEntry(act.actor(), action, act.subject(), act.reason(), detail));
        change.accept(control);
    }

    private SubscriptionControl control(Act act, String action) {
        return find(act.topic(), act.group(), action)
                .control()
                .orElseThrow(() -> new UnknownConsumerException("Cannot " + action + " " + act.subject()
                        + ": its transport does not let consumers be changed; nothing was done"));
    }

    private RunningConsumer find(String topic, String group, String action) {
        List<RunningConsumer> all = consumers.get();
        return all.stream()
                .filter(each -> each.subscription().topic().equals(topic)
                        && each.subscription().group().equals(group))
                .findFirst()
                .orElseThrow(() -> new UnknownConsumerException("Cannot " + action + " of topic '" + topic
                        + "' in group '" + group + "': this process has only " + names(all) + "; nothing was done"));
    }

    private static List<String> names(List<RunningConsumer> all) {
        return all.stream()
                .map(each ->
                        each.subscription().topic() + "/" + each.subscription().group())
                .toList();
    }
}
