package dev.tally.consume;

import dev.tally.message.Headers;
import dev.tally.transport.ReceivedMessage;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * When a message was stored for the first time: a broker knows only of the copy that was forwarded to it, which is as young
 * as its forwarding, while the inbox remembers the message since the original was handled.
 */
final class FirstStored {

    private FirstStored() {}

    /** The older of what the broker says and what a forwarded message brings with it; {@code null} where neither is known. */
    static @Nullable Instant of(ReceivedMessage received) {
        Instant here = received.storedAt();
        Instant before = written(received.message().headers().get(Headers.STORED_AT));
        if (here == null || before == null) {
            return here == null ? before : here;
        }
        return before.isBefore(here) ? before : here;
    }

    /** What is no time after 1970 says nothing; one that is yet to come is never the older one. */
    private static @Nullable Instant written(@Nullable String millis) {
        if (millis == null) {
            return null;
        }
        try {
            long value = Long.parseLong(millis);
            return value > 0 ? Instant.ofEpochMilli(value) : null;
        } catch (NumberFormatException e) {
            return null;
        }
    }
}
