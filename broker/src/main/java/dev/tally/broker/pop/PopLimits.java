package dev.tally.broker.pop;

/**
 * How much may be handed out and not acknowledged: at about 140 bytes of memory for each message. A queue that has
 * reached its limit hands out nothing more before something of it is done.
 *
 * @param ofAll of all queues and groups
 * @param ofQueue of one queue to one group
 * @since 0.1
 */
public record PopLimits(int ofAll, int ofQueue) {

    /** 500,000, and 100,000 of a queue. */
    public static final PopLimits DEFAULT = new PopLimits(500_000, 100_000);
}
