package dev.tally.consume.deadletter;

import dev.tally.message.MessageId;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Keeps dead letters. Every call works in the current transaction where there is one. Thread-safe.
 *
 * @since 0.1
 */
public interface DeadLetterStore {

    /** Keeps {@code letter}; one of the same group and message that is there already gets its attempts and its failure. */
    void keep(DeadLetter letter);

    /**
     * Those that fit, the oldest first, without what can be long.
     *
     * @param limit how many at most
     */
    List<ListedDeadLetter> list(DeadLetterFilter filter, int limit);

    /** One as a whole; {@code null} if it is not there, or not any more. */
    @Nullable DeadLetter find(String group, MessageId id);

    /** How many fit. */
    long count(DeadLetterFilter filter);

    /** How many there are, by group. */
    Map<String, Long> countByGroup();

    /**
     * Gives those that fit and are not being replayed a time at which they are replayed, the oldest first.
     *
     * @param limit how many at most
     * @param perSecond how many are due in a second, {@link Double#POSITIVE_INFINITY} for all at once
     * @param forced whether they take effect also if the inbox says that they have, or cannot tell any more
     * @return how many that were
     */
    int schedule(DeadLetterFilter filter, int limit, double perSecond, boolean forced);

    /**
     * Takes back {@link #schedule} for those that fit, the youngest first, so that of a key none is replayed before an older
     * one of which it was taken back. One that is being replayed is waited for.
     *
     * @param limit how many at most
     * @return how many that were
     */
    int unschedule(DeadLetterFilter filter, int limit);

    /** Removes those that fit, {@code limit} of them at most, the oldest first; answers how many that were. */
    int remove(DeadLetterFilter filter, int limit);

    /**
     * Dead letters whose turn to be replayed has come. Those of one group, topic and key come one at a time, the oldest
     * first. Without what can be long, since many may be due.
     *
     * @param topicsByGroup of these groups and topics
     * @param limit how many at most
     */
    List<ListedDeadLetter> due(Map<String, Set<String>> topicsByGroup, int limit);

    /**
     * Locks a dead letter that is due until the current transaction ends; answers whether that worked: if not, somebody
     * else has it, or nobody has to any more.
     */
    boolean claim(String group, MessageId id);

    /** Removes one that was replayed. */
    void replayed(String group, MessageId id);

    /**
     * One failed again while it was replayed. It stays, and neither it nor those of its key that were to follow it are due
     * any more.
     */
    void failedAgain(DeadLetter letter, DeadLetterFailure failure);
}
