package dev.tally.outbox;

/**
 * A key that waits for a person, because one of its messages was given up under {@link PoisonPolicy#BLOCK}.
 *
 * @param parkedId the id of the message that was given up
 * @param lane the lane of the key
 * @param key the key
 * @param isFree whether the message is gone, sent or discarded, so that those behind it may go
 * @since 0.1
 */
public record BlockedKey(long parkedId, String lane, String key, boolean isFree) {

    /** The name under which the rows behind the message wait: of nobody, so that they are in nobody's way. */
    public String owner() {
        return WaitingRows.HELD_PREFIX + parkedId;
    }
}
