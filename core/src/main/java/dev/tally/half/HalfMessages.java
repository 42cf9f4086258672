package dev.tally.half;

import dev.tally.message.Message;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/**
 * The port to a broker that has half messages: stored at once, seen by nobody until committed, and asked about when the
 * decision stays out. Implementations are thread-safe.
 *
 * @since 0.1
 */
public interface HalfMessages {

    /**
     * Why a message can never be a half message here, see {@link dev.tally.transport.Transport#refusal}.
     *
     * @return what is wrong and which limit it breaks, empty where nothing is known against it
     */
    default Optional<String> refusal(Message message) {
        return Optional.empty();
    }

    /**
     * Stores the half messages of one local transaction, pipelined. The future completes normally when the broker has
     * confirmed all of them, and exceptionally otherwise; then some may be stored, and the check-back rolls them back.
     *
     * @param transactionId the id under which the ledger knows the local transaction; the broker gives it back in the
     *     check-back
     */
    CompletableFuture<List<PreparedHalf>> prepare(String transactionId, List<Message> messages);

    /**
     * Tells the broker that the local transaction committed, and tries again for a while where the broker certainly has
     * not heard it. Returns at once.
     *
     * @return completes with {@code true} when the broker has confirmed all of them, so that it does not ask about them any
     *     more, and with {@code false} when that could not be found out: then the check-back decides. Never exceptionally
     */
    CompletableFuture<Boolean> commit(List<PreparedHalf> halves);

    /** The same for a local transaction that did not commit. */
    CompletableFuture<Boolean> rollback(List<PreparedHalf> halves);

    /** Sets who answers check-backs. To be called once, before the first {@link #prepare}. */
    void onCheckBack(CheckBack checkBack);
}
