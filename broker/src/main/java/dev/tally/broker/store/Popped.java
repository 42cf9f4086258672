package dev.tally.broker.store;

import java.util.List;

/**
 * What a pop of a queue brought.
 *
 * @param messages what was handed out, in the order of the queue
 * @param popMillis what identifies these deliveries: the time of the pop, or a little later where the queue's last pop had
 *     the same
 * @param rest messages behind these
 * @since 0.1
 */
public record Popped(List<Message> messages, long popMillis, long rest) {

    /**
     * A message that was handed out.
     *
     * @param message the message
     * @param redelivered how often this queue handed it out before; what is written again to be tried once more counts for
     *     itself
     */
    public record Message(StoredMessage message, int redelivered) {}

    /** Nothing. */
    public static Popped nothing(long rest) {
        return new Popped(List.of(), 0, rest);
    }
}
