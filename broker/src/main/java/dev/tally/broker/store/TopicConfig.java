package dev.tally.broker.store;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A topic.
 *
 * @param name the topic's name
 * @param readQueues how many queues consumers see, at least 1
 * @param writeQueues how many queues producers see, at least 1
 * @param perm the protocol's permission bits: 4 read, 2 write
 * @param sysFlag the protocol's topic system flag, stored unchanged
 * @param flush what an answer about its messages means. {@code null} when it is saved: as it was before, or the store's
 *     default for a new topic; never {@code null} in a topic that the store hands out
 * @param keepUnconsumed whether retention keeps what a group has not consumed of it. {@code null} when it is saved: as it
 *     was before; {@code null} in a topic that the store hands out: by the store's rule
 * @param order whether the protocol's order flag is set, stored unchanged
 * @param attributes the protocol's topic attributes, stored unchanged; no name holds {@code =}, and none a line break
 */
public record TopicConfig(
        String name,
        int readQueues,
        int writeQueues,
        int perm,
        int sysFlag,
        @Nullable FlushMode flush,
        @Nullable Boolean keepUnconsumed,
        boolean order,
        Map<String, String> attributes) {

    /** A topic whose attributes nobody changes any more. */
    public TopicConfig {
        attributes = Map.copyOf(attributes);
    }

    /** A topic without order flag and attributes. */
    public TopicConfig(
            String name,
            int readQueues,
            int writeQueues,
            int perm,
            int sysFlag,
            @Nullable FlushMode flush,
            @Nullable Boolean keepUnconsumed) {
        this(name, readQueues, writeQueues, perm, sysFlag, flush, keepUnconsumed, false, Map.of());
    }

    /** A topic that is flushed and kept as it was before, or by the store's default. */
    public TopicConfig(String name, int readQueues, int writeQueues, int perm, int sysFlag) {
        this(name, readQueues, writeQueues, perm, sysFlag, null, null);
    }

    /** The same with that flush. */
    public TopicConfig withFlush(FlushMode mode) {
        return new TopicConfig(name, readQueues, writeQueues, perm, sysFlag, mode, keepUnconsumed, order, attributes);
    }

    /** The same with that rule about what is not consumed. */
    public TopicConfig withKeepUnconsumed(@Nullable Boolean keep) {
        return new TopicConfig(name, readQueues, writeQueues, perm, sysFlag, flush, keep, order, attributes);
    }

    /** The same with that permission. */
    public TopicConfig withPerm(int bits) {
        return new TopicConfig(name, readQueues, writeQueues, bits, sysFlag, flush, keepUnconsumed, order, attributes);
    }

    /** The same with that order flag. */
    public TopicConfig withOrder(boolean flag) {
        return new TopicConfig(name, readQueues, writeQueues, perm, sysFlag, flush, keepUnconsumed, flag, attributes);
    }

    /** The same with those attributes. */
    public TopicConfig withAttributes(Map<String, String> all) {
        return new TopicConfig(name, readQueues, writeQueues, perm, sysFlag, flush, keepUnconsumed, order, all);
    }
}
