package dev.tally.transport.client;

import dev.tally.transport.SendOutcome;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * Keeps the messages of one key in order on their way to the broker. Thread-safe.
 *
 * <p>For clients that do not do so themselves: because two sends that are under way together may be stored in either order
 * (several threads, here or at the broker), or because one of them may fail while the next one is stored. Therefore:
 *
 * <ol>
 *   <li>of each key only the head is under way;
 *   <li>when it is sent, the next one goes;
 *   <li>when it fails, all that wait behind it fail too, for the caller to send them again after it.
 * </ol>
 *
 * <p>Keys do not wait for each other. A lane exists only while it has messages.
 *
 * @since 0.1
 */
public final class KeyLanes {

    /**
     * One message on its way.
     *
     * @param start sends it; not called where the outcome is there before its turn comes, for instance a time-out
     * @param outcome where its outcome arrives; completed exactly once, and never exceptionally
     */
    public record Departure(Runnable start, CompletableFuture<SendOutcome> outcome) {}

    /**
     * What orders: a key within its topic.
     *
     * @param topic the topic
     * @param key the key
     */
    public record Lane(String topic, String key) {}

    /** A departure, and the one behind it. */
    private static final class Place {
        private final Departure departure;
        private @Nullable Place behind;

        Place(Departure departure) {
            this.departure = departure;
        }
    }

    /** The last place of each lane. */
    private final Map<Lane, Place> lanes = new HashMap<>();

    /** No message is under way. */
    public KeyLanes() {}

    /** Sends a message as soon as those of its lane before it are sent: now, or on the thread that completes the last of them. */
    public void depart(Lane lane, Departure departure) {
        Place place = new Place(departure);
        synchronized (lanes) {
            Place before = lanes.put(lane, place);
            if (before != null) {
                before.behind = place;
                return;
            }
        }
        start(lane, place);
    }

    private void start(Lane lane, Place place) {
        Departure departure = place.departure;
        if (!departure.outcome().isDone()) {
            departure.start().run();
        }
        var unused = departure.outcome().thenAccept(outcome -> arrived(lane, place, outcome));
    }

    private void arrived(Lane lane, Place place, SendOutcome outcome) {
        boolean sent = outcome instanceof SendOutcome.Sent;
        Place next;
        synchronized (lanes) {
            next = place.behind;
            if (next == null || !sent) {
                lanes.remove(lane);
            }
        }
        if (sent && next != null) {
            start(lane, next);
        }
        // None is added behind them any more.
        for (Place left = sent ? null : next; left != null; left = left.behind) {
            left.departure
                    .outcome()
                    .complete(new SendOutcome.Failed(
                            true,
                            "Not sent: an earlier message with key '" + lane.key() + "' to topic '" + lane.topic()
                                    + "' failed; to be sent again after it",
                            null));
        }
    }

    /** How many keys have messages under way. */
    public int size() {
        synchronized (lanes) {
            return lanes.size();
        }
    }
}
