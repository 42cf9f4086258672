package dev.tally.outbox;

import dev.tally.message.Message;
import dev.tally.publish.PublishingPath;
import dev.tally.publish.Settlement;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Publishing through the outbox: one batch insert before the commit, and the relay sends the copy in memory after it.
 * Thread-safe.
 *
 * @since 0.1
 */
public final class OutboxPath implements PublishingPath {

    /** The longest topic, tag or type name, in characters. */
    public static final int MAX_NAME_LENGTH = 255;

    /** The longest key, in characters. */
    public static final int MAX_KEY_LENGTH = 1024;

    private final OutboxStore store;
    private final EntryHandOff handOff;

    /**
     * Creates the path.
     *
     * @param store where the rows go
     * @param handOff the relay
     */
    public OutboxPath(OutboxStore store, EntryHandOff handOff) {
        this.store = store;
        this.handOff = handOff;
    }

    @Override
    public Settlement prepare(List<Message> messages) {
        messages.forEach(OutboxPath::requireThatItFits);
        EntryHandOff.Admission admission = handOff.admit(messages);
        List<OutboxEntry> entries;
        try {
            entries = store.insert(admission::owner, messages);
        } catch (RuntimeException | Error e) {
            admission.abandoned();
            throw e;
        }
        return admission.inserted(entries);
    }

    private static void requireThatItFits(Message message) {
        requireLength(message, "topic", message.destination().topic(), MAX_NAME_LENGTH);
        requireLength(message, "tag", message.destination().tag(), MAX_NAME_LENGTH);
        requireLength(message, "type", message.type(), MAX_NAME_LENGTH);
        requireLength(message, "key", message.key(), MAX_KEY_LENGTH);
    }

    private static void requireLength(Message message, String what, @Nullable String value, int limit) {
        if (value != null && value.length() > limit) {
            throw new MessageRefusedException("Cannot store message " + message.id() + " in the outbox: its " + what
                    + " has " + value.length() + " characters, " + limit + " are possible; nothing was stored");
        }
    }
}
