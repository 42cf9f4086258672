package dev.tally.publish;

import dev.tally.message.Message;
import java.util.List;

/**
 * One way for messages to leave with their transaction; the outbox and the half message are the two.
 *
 * @since 0.1
 */
public interface PublishingPath {

    /**
     * Called inside the transaction, right before its commit, with all its messages for this path: stores what must be
     * stored so that the messages leave if and only if the transaction commits.
     *
     * <p>An exception makes the transaction roll back; nothing else is called then, so an implementation cleans up
     * after itself before it throws.
     *
     * @return who is told how the transaction ended
     */
    Settlement prepare(List<Message> messages);
}
