package dev.tally.outbox.jdbc;

import dev.tally.message.Headers;
import dev.tally.message.Message;
import dev.tally.outbox.WaitingRows;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Owners of rows that wait for their time, which is in their names: so the index of owners has them in the order of time,
 * and what is not scheduled costs nothing.
 */
final class ScheduledOwner {

    /** Sorts below all of them. */
    static final String FIRST = WaitingRows.SCHEDULED + "-";

    /** Sorts above all of them, and below every other owner. */
    static final String AFTER_LAST = WaitingRows.SCHEDULED + ".";

    private static final long LATEST = 999_999_999_999_999L;

    private ScheduledOwner() {}

    /** The owner of a message, by the database's time. */
    static String of(Message message, long nowMillis) {
        Long delay = number(message.headers().get(Headers.DELAY));
        Long deliverAt = number(message.headers().get(Headers.DELIVER_AT));
        long due = delay != null ? nowMillis + delay : deliverAt != null ? deliverAt : nowMillis;
        return FIRST + String.format(Locale.ROOT, "%015d", Math.max(0, Math.min(LATEST, due)));
    }

    private static @Nullable Long number(@Nullable String text) {
        try {
            return text == null ? null : Long.valueOf(text);
        } catch (NumberFormatException e) {
            // Not Tally's: its publisher writes numbers. At once, then.
            return null;
        }
    }

    static long dueMillis(String owner) {
        return Long.parseLong(owner.substring(FIRST.length()));
    }
}
