package dev.tally.outbox.relay;

import dev.tally.message.Message;
import java.util.List;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Which keys have rows that wait in the table, so that no newer message of theirs may pass in memory.
 *
 * <p>Each transaction whose rows with keys are not in memory has a ticket. A key is free again when everything up to its
 * last ticket is decided and then read. Noted by hash of the key, in a fixed amount of memory for any number of keys: two
 * keys that share a note only share the detour through the table. Messages without a key do not count. Guarded by
 * {@link Lanes}.
 */
final class SpilledKeys {

    private static final int STRIPES = 1 << 16;

    private final long[] lastTickets = new long[STRIPES];
    private final TreeSet<Long> open = new TreeSet<>();
    private long next = 1;
    private long unread = 1;

    /** Gives a transaction its ticket. */
    long open(List<Message> messages) {
        long ticket = next++;
        open.add(ticket);
        for (Message message : messages) {
            String key = message.key();
            if (key != null) {
                lastTickets[stripe(key)] = ticket;
            }
        }
        return ticket;
    }

    /** The key has a row in the table that was decided before this. */
    void note(String key) {
        lastTickets[stripe(key)] = next++;
    }

    /** The transaction has ended. */
    void decided(long ticket) {
        open.remove(ticket);
    }

    /** All transactions with tickets below this one are decided. */
    long decidedBelow() {
        return open.isEmpty() ? next : open.first();
    }

    /** The ticket that comes next. */
    long next() {
        return next;
    }

    /** Everything of transactions with tickets below this one is in memory. */
    void readBelow(long ticket) {
        unread = Math.max(unread, ticket);
    }

    boolean mayHave(@Nullable String key) {
        return key != null && lastTickets[stripe(key)] >= unread;
    }

    /** Whether any key has. */
    boolean isWaiting() {
        return unread < next;
    }

    private static int stripe(String key) {
        int hash = key.hashCode();
        return (hash ^ (hash >>> 16)) & (STRIPES - 1);
    }
}
