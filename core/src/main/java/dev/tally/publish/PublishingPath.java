package dev.tally.publish;

import dev.tally.message.Message;
import java.util.List;
import java.util.Optional;

/**
 * One way for messages to leave with their transaction; the outbox and the half message are the two.
 *
 * @since 0.1
 */
public interface PublishingPath {

    /**
     * Why a message can never leave this way. Asked when it is published, before it is kept with the transaction.
     *
     * @return what is wrong and which limit it breaks, empty where nothing is known against it
     */
    default Optional<String> refusal(Message message) {
        return Optional.empty();
    }

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
