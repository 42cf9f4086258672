package dev.tally.broker.store;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Collection;
import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.function.LongPredicate;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * The storage of one broker: everything a person could lose goes through here into one log.
 *
 * <p><b>Durability.</b> A future of this port completes normally only when the record that it stands for is on disk and
 * fsynced; nothing that was answered is taken back by a kill or a power cut. Messages, half messages, decisions and
 * offsets of a topic with {@link FlushMode#ASYNC} are answered when they are written: a kill takes nothing of them, a
 * power cut only the end of the log. When it completes
 * exceptionally with {@link StoreUnavailableException} the outcome is <em>unknown</em>: the record may or may not be
 * there after a restart. With {@link StoreRejectedException} nothing was written, and it may be tried again later; such
 * an answer does not wait for its turn.
 *
 * <p><b>Order.</b> Records take effect in the order in which their calls were made by one thread; futures complete in
 * that order as well, on a thread of the store, so callbacks must not block.
 *
 * <p><b>Thread-safety.</b> All methods may be called by any thread. None of them waits for the disk except
 * {@link #read}, {@link #messageAt}, {@link #offsetByTime} and {@link #findByKey}, which may read from it. What they return was verified
 * against its checksum; a damaged record is an exception that names its file, never altered bytes.
 */
public interface MessageStore extends PopStore, AutoCloseable {

    /** The topic of that name, or {@code null} where there is none. */
    @Nullable TopicConfig topic(String name);

    /** All topics, in no particular order. */
    Collection<TopicConfig> topics();

    /** Creates or replaces a topic. Queue counts may grow; a smaller count hides queues but keeps their messages. */
    CompletableFuture<TopicConfig> saveTopic(TopicConfig config);

    /** The consumer group of that name, or {@code null} where none was configured (defaults apply). */
    @Nullable GroupConfig group(String name);

    /** All configured consumer groups. */
    Collection<GroupConfig> groups();

    /** Creates or replaces a consumer group's configuration. */
    CompletableFuture<GroupConfig> saveGroup(GroupConfig config);

    /**
     * Deletes a topic with its messages and every group's offsets in it; created again, it begins anew. Nothing changes
     * while an undecided half message or a delayed message of it is in the log: that is judged in log order.
     *
     * @return whether it is gone; also true where there was none
     */
    CompletableFuture<Boolean> deleteTopic(String name);

    /**
     * Deletes a consumer group's configuration. Nothing changes while the log holds an undecided half message that is
     * this group's to decide.
     *
     * @param offsets whether its committed offsets go as well
     * @return whether it is gone; also true where there was none
     */
    CompletableFuture<Boolean> deleteGroup(String name, boolean offsets);

    /** What is pending of a topic, and would be lost if it was deleted now. */
    Pending pendingOf(String topic);

    /**
     * What is pending of a topic.
     *
     * @param halves undecided half messages, parked ones included
     * @param delayed delayed messages that are not visible yet
     */
    record Pending(int halves, int delayed) {

        /** Whether nothing is pending. */
        public boolean nothing() {
            return halves == 0 && delayed == 0;
        }
    }

    /** Undecided half messages that a producer group is to decide. */
    int undecidedOf(String producerGroup);

    /** How many half messages of a producer group are in that state, PREPARED or PARKED. */
    int undecidedOf(String producerGroup, HalfState wanted);

    /**
     * Appends messages that become visible at once, or after {@link NewMessage#delay()}. The list is atomic: after a
     * crash either all of them are there or none. The answers are in the order of the list; a delayed message's queue
     * offset is not known yet and is answered as {@code -1}.
     */
    CompletableFuture<List<Appended>> append(List<NewMessage> messages);

    /**
     * Stores a half message: durable, seen by nobody until {@link #decide} commits it. Where {@link NewHalf#sameMessage}
     * is given, one half message is kept for each producer group and transaction id: a repeat while it is undecided, or
     * after it was decided by a check-back or a person, answers its position; another message under its id is refused
     * with {@link StoreRejectedException.Reason#KEY_TAKEN}. After its own producer decided, the same id is a new half
     * message: who decided had the answer, and does not repeat the question.
     */
    CompletableFuture<Appended> prepare(NewHalf half);

    /**
     * Decides a half message. The first decision in log order wins: the same decision again answers
     * {@link DecisionOutcome.Decided} with the same result, the opposite one {@link DecisionOutcome.Conflict}. Decisions are remembered up to a configured number; about a half
     * message that was decided and forgotten the answer is {@link DecisionOutcome.UnknownHalf}, and nothing changes.
     */
    CompletableFuture<DecisionOutcome> decide(DecisionRequest request);

    /**
     * Recalls a delayed message, or a committed half message whose delay runs. Firing or recalling, whichever comes first
     * in log order wins.
     *
     * @param position its position
     */
    CompletableFuture<CancelOutcome> cancel(long position);

    /**
     * Half messages whose check-back is due now by the broker's clock, oldest due first. A returned half is not due
     * again until {@link #checkDelivered} or {@link #checkNotDelivered} was told, or the check interval has passed. One
     * whose checks are used up is not returned: when its last one stayed unanswered, the store parks it by itself.
     */
    List<UndecidedHalf> pollDueChecks(int max);

    /** A check-back request was written to a live producer: it counts, and the next is due after back-off. */
    void checkDelivered(long position);

    /** No producer of the group was online: it does not count, and is tried again soon. */
    void checkNotDelivered(long position);

    /** Up to {@code max} half messages in the given state (PREPARED or PARKED), oldest first. */
    List<UndecidedHalf> undecided(HalfState state, int max);

    /**
     * Reads visible messages of a queue from {@code offset} on.
     *
     * @param maxMessages upper bound of returned messages
     * @param maxBytes soft upper bound of payload bytes; the first message is returned whatever its size
     * @param tagFilter asked with each message's tag hash; messages refused are skipped and pass the next offset
     */
    ReadResult read(String topic, int queueId, long offset, int maxMessages, int maxBytes, LongPredicate tagFilter);

    /**
     * The message record at a log position, or {@code null} where no valid message record starts there. It is found
     * whether it is visible or not: a check-back needs the undecided half message. What is not visible has the queue
     * offset {@code -1}.
     */
    @Nullable StoredMessage messageAt(long position);

    /** The offset of the first message that is still there; 0 for an empty or unknown queue. */
    long minOffset(String topic, int queueId);

    /** The offset that the next message of the queue will get; 0 for an empty or unknown queue. */
    long maxOffset(String topic, int queueId);

    /** The offset of the first message that became visible at or after {@code timestampMillis}, or the maximum offset. */
    long offsetByTime(String topic, int queueId, long timestampMillis);

    /** The offset that a consumer group committed for a queue, empty where it never did. */
    OptionalLong committedOffset(String group, String topic, int queueId);

    /** Records the offset from which a group goes on. */
    CompletableFuture<Void> commitOffset(String group, String topic, int queueId, long offset);

    /** All committed offsets of a group. */
    List<CommittedOffset> committedOffsets(String group);

    /**
     * Positions of messages (not half messages) that were written in the last seconds before the store was stopped the
     * last time, oldest first: whether their answers reached anybody is not known. Empty for a new store.
     */
    List<Long> tailAtStart();

    /** Sets the one listener that is told, on a thread of the store, of messages that became visible. */
    void onArrival(ArrivalListener listener);

    /** Counters of what the log holds; the durable ones survive a restart because they are derived from the log. */
    StoreStats stats();

    /**
     * Copies everything to a new directory, from which another broker can be started, while this one goes on. What was
     * answered before the call is in the copy.
     *
     * @param target a directory that does not exist yet
     * @return the bytes of the log in the copy
     * @throws java.io.IOException where the directory exists or cannot be written; a directory that is left behind half
     *     written is refused by every start
     */
    long backup(Path target) throws IOException;

    /**
     * Reads like {@link #read(String, int, long, int, int, LongPredicate)}, and looks into the messages whose tags are
     * wanted as well. It looks at fewer of them: where the answer is {@link ReadResult.Status#NO_MATCH} with a next offset
     * that is not the queue's end, there is more to look at.
     *
     * @param payloadFilter asked with each message's payload; messages refused are skipped and pass the next offset
     */
    ReadResult read(
            String topic,
            int queueId,
            long offset,
            int maxMessages,
            int maxBytes,
            LongPredicate tagFilter,
            Predicate<ByteBuffer> payloadFilter);

    /**
     * Finds visible messages by a key, the newest ones; looks at a bounded number of them. A store that was opened without
     * a key reader finds nothing.
     *
     * @param wanted asked with each message whose key's hash is the one in question: other keys may have the same
     */
    KeyMatches findByKey(KeyQuery query, Predicate<StoredMessage> wanted);

    /** Flushes, stops the writer and releases the data directory. Idempotent. */
    @Override
    void close();

    /**
     * Has a parked half message asked about again, from its first check on.
     *
     * @param position its position
     * @return whether it was parked; where not, nothing changed
     */
    CompletableFuture<Boolean> resume(long position);

    /**
     * Half messages of a producer group in that state, the oldest first.
     *
     * @param from the least position
     * @param max upper bound of how many
     */
    List<UndecidedHalf> undecided(String producerGroup, HalfState wanted, long from, int max);

    /**
     * When the oldest half message of a producer group was stored that is undecided, parked or not: by the broker's clock,
     * epoch milliseconds; empty where there is none.
     */
    OptionalLong oldestUndecided(String producerGroup);

    /** Told of new visible messages. Must not block. */
    @FunctionalInterface
    interface ArrivalListener {
        void arrived(String topic, int queueId, long nextOffset);
    }
}
