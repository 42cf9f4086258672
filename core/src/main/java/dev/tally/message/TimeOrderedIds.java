package dev.tally.message;

import java.time.InstantSource;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;

/**
 * Message ids as UUID version 7 (RFC 9562) in lower-case text: unique across processes, and growing within this one,
 * also when the clock stands still or jumps back. Primary keys made of them stay dense. Thread-safe.
 *
 * <pre>
 * 48 bits  milliseconds since 1970   } taken together as one counter that only grows; the 12 bits count
 * 12 bits  count                     } within a millisecond and carry into the milliseconds
 * 62 bits  random
 * </pre>
 *
 * @since 0.1
 */
public final class TimeOrderedIds implements Supplier<MessageId> {

    private static final int COUNT_BITS = 12;
    private static final long VERSION_7 = 0x7000L;
    private static final long VARIANT_RFC = 0x8000_0000_0000_0000L;

    private final InstantSource clock;
    private final RandomGenerator random;
    private final AtomicLong last = new AtomicLong();

    /**
     * Creates a source of ids.
     *
     * @param clock gives the milliseconds
     * @param random thread-safe, and seeded differently in each process ({@code SecureRandom})
     */
    public TimeOrderedIds(InstantSource clock, RandomGenerator random) {
        this.clock = clock;
        this.random = random;
    }

    @Override
    public MessageId get() {
        long now = clock.millis() << COUNT_BITS;
        long tick = last.updateAndGet(previous -> Math.max(now, previous + 1));
        long millis = tick >>> COUNT_BITS;
        long count = tick & ((1L << COUNT_BITS) - 1);
        long high = (millis << 16) | VERSION_7 | count;
        long low = VARIANT_RFC | (random.nextLong() >>> 2);
        return new MessageId(new UUID(high, low).toString());
    }
}
