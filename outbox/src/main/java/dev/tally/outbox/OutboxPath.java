package dev.tally.outbox;

import dev.tally.message.Message;
import dev.tally.publish.MessageRefusedException;
import dev.tally.publish.PublishingPath;
import dev.tally.publish.Settlement;
import dev.tally.transport.Transport;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
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
    private final Transport transport;

    /**
     * Creates the path.
     *
     * @param store where the rows go
     * @param handOff the relay
     * @param transport says which messages it can never send
     */
    public OutboxPath(OutboxStore store, EntryHandOff handOff, Transport transport) {
        this.store = store;
        this.handOff = handOff;
        this.transport = transport;
    }

    @Override
    public Optional<String> refusal(Message message) {
        Optional<String> tooLong = tooLong(message);
        return tooLong.isPresent() ? tooLong : transport.refusal(message);
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

    /** What was not asked about before, such as what another path falls back with. */
    private static void requireThatItFits(Message message) {
        tooLong(message).ifPresent(reason -> {
            throw new MessageRefusedException(
                    "Cannot store message " + message.id() + " in the outbox: " + reason + "; nothing was stored");
        });
    }

    private static Optional<String> tooLong(Message message) {
        return Stream.of(
                        tooLong("topic", message.destination().topic(), MAX_NAME_LENGTH),
                        tooLong("tag", message.destination().tag(), MAX_NAME_LENGTH),
                        tooLong("type", message.type(), MAX_NAME_LENGTH),
                        tooLong("key", message.key(), MAX_KEY_LENGTH))
                .flatMap(Optional::stream)
                .findFirst();
    }

    private static Optional<String> tooLong(String what, @Nullable String value, int limit) {
        return value == null || value.length() <= limit
                ? Optional.empty()
                : Optional.of(
                        "its " + what + " has " + value.length() + " characters, the outbox has room for " + limit);
    }
}
