package dev.tally.broker.request;

import dev.tally.broker.net.Connection;
import dev.tally.broker.protocol.Answer;
import dev.tally.broker.protocol.Command;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** Asked about every request before it is handled. Thread-safe. */
public interface RequestGate {

    /** Lets everything pass. */
    RequestGate OPEN = new RequestGate() {
        private final CompletableFuture<@Nullable Answer> pass = CompletableFuture.completedFuture(null);

        @Override
        public CompletableFuture<@Nullable Answer> check(Connection connection, Command request) {
            return pass;
        }

        @Override
        public boolean mayBeAsked(Connection producer, String topic) {
            return true;
        }

        @Override
        public void gone(Connection connection) {}
    };

    /**
     * Decides about a request. Called on a thread of the transport: must not block. A future that is complete on return
     * lets the request go on in its turn; only requests without a body may be decided later.
     *
     * @return {@code null} to let it pass, otherwise the answer to give instead
     */
    CompletableFuture<@Nullable Answer> check(Connection connection, Command request);

    /** Whether a producer may be shown a half message of a topic, to decide about it. */
    boolean mayBeAsked(Connection producer, String topic);

    /** The connection is gone. */
    void gone(Connection connection);
}
