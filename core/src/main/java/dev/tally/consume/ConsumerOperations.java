package dev.tally.consume;

import dev.tally.audit.AuditEntry;
import dev.tally.audit.AuditLog;
import dev.tally.transport.SubscriptionControl;
import java.util.List;
import java.util.Locale;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * What people can do with the consumers of this process: see them, pause and resume them, and change how many messages
 * they handle at once or in a second. Each act is recorded with who did it and why before it is done. Acts concern this
 * member of the group alone and are forgotten when it ends. Thread-safe.
 *
 * @since 0.1
 */
public final class ConsumerOperations {

    private final Supplier<List<RunningConsumer>> consumers;
    private final AuditLog audit;

    /**
     * Creates the operations.
     *
     * @param consumers those that are subscribed at the moment
     */
    public ConsumerOperations(Supplier<List<RunningConsumer>> consumers, AuditLog audit) {
        this.consumers = consumers;
        this.audit = audit;
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

    private void perform(Act act, String action, String detail, Consumer<SubscriptionControl> change) {
        SubscriptionControl control = control(act, action);
        audit.record(new AuditEntry(act.actor(), action, act.subject(), act.reason(), detail));
        change.accept(control);
    }

    private SubscriptionControl control(Act act, String action) {
        List<RunningConsumer> all = consumers.get();
        RunningConsumer found = all.stream()
                .filter(each -> each.subscription().topic().equals(act.topic())
                        && each.subscription().group().equals(act.group()))
                .findFirst()
                .orElseThrow(() -> new UnknownConsumerException("Cannot " + action + " of topic '" + act.topic()
                        + "' in group '" + act.group() + "': this process has only " + names(all)
                        + "; nothing was done"));
        return found.control()
                .orElseThrow(() -> new UnknownConsumerException("Cannot " + action + " " + act.subject()
                        + ": its transport does not let consumers be changed; nothing was done"));
    }

    private static List<String> names(List<RunningConsumer> all) {
        return all.stream()
                .map(each ->
                        each.subscription().topic() + "/" + each.subscription().group())
                .toList();
    }
}
