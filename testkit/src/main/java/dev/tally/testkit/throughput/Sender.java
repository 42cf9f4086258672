package dev.tally.testkit.throughput;

import dev.tally.message.Message;
import dev.tally.transport.SendOutcome;
import dev.tally.transport.Transport;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Sends messages without waiting for them: a transport, or a bare client with the same acknowledgement mode.
 *
 * @since 0.1
 */
@FunctionalInterface
public interface Sender {

    /**
     * Sends.
     *
     * @param ended to be called once for each message, by any thread: with {@code null} when the broker has confirmed it,
     *     else with the reason
     */
    void send(List<Message> batch, Consumer<@Nullable String> ended);

    /** A transport as a relay uses it. */
    static Sender of(Transport transport) {
        return (batch, ended) -> transport.send(batch).forEach(sent -> {
            var unused = sent.thenAccept(
                    outcome -> ended.accept(outcome instanceof SendOutcome.Failed failed ? failed.reason() : null));
        });
    }
}
