package dev.tally.outbox;

import java.util.Collection;
import java.util.List;

/**
 * The port to rows that wait for something else than the broker: for their time, or, behind a message that was given up,
 * for a person. They have owners that nobody keeps, whose names sort below all others, so that what reads the outbox does
 * not see them.
 *
 * <p>Implementations are thread-safe; each method is a short transaction of its own, READ COMMITTED. All methods throw
 * {@link OutboxStoreException} when the database cannot be used.
 *
 * @since 0.1
 */
public interface WaitingRows {

    /**
     * The owner to insert messages under that wait for their time. The row's real owner has the time in its name: that
     * of {@link dev.tally.message.Headers#DELIVER_AT}, or, with {@link dev.tally.message.Headers#DELAY}, so much after
     * the insert, by the database's clock.
     */
    String SCHEDULED = "!due";

    /** What the owners of {@link BlockedKey} begin with. */
    String HELD_PREFIX = "!held-";

    /**
     * Lets rows go whose time has come, the earliest first. Each is let go to one node only.
     *
     * @param owner the owner that they belong to from now on
     * @param limit rows at most
     */
    DueRows releaseDue(String owner, int limit);

    /**
     * Gives a row of a lane up until a person decides, and blocks its key until then.
     *
     * @param keeper the node that asks
     * @param epoch the epoch in which it keeps the row's lane
     * @return false if the row is gone or {@code keeper} no longer keeps its lane, or not in this epoch; nothing was changed
     *     then
     */
    boolean block(String keeper, long epoch, OutboxEntry entry, int attempts, String reason);

    /** All blocked keys, and those that are free but have rows behind. */
    List<BlockedKey> blockedKeys();

    /**
     * Takes rows of a blocked key out of their lane.
     *
     * @param keeper the node that asks
     * @param epoch the epoch in which it keeps the lane
     * @return how many were there; 0 if {@code keeper} no longer keeps the lane, or not in this epoch, or the key is not
     *     blocked by this message
     */
    int hold(String keeper, long epoch, BlockedKey key, Collection<Long> ids);

    /** Puts rows back into their lane. Otherwise as {@link #hold}. */
    int letGo(String keeper, long epoch, BlockedKey key, Collection<Long> ids);

    /**
     * Forgets that a key was blocked.
     *
     * @return false if there are rows behind the message
     */
    boolean unblock(BlockedKey key);
}
