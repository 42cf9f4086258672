package dev.tally.broker.request;

import dev.tally.broker.net.Connection;
import dev.tally.broker.protocol.Answer;
import dev.tally.broker.protocol.Command;
import java.util.concurrent.CompletableFuture;

/** One exchange. Called on a thread of the transport: must not block. */
@FunctionalInterface
public interface RequestHandler {

    /**
     * Handles a request.
     *
     * @return the answer, possibly much later; completing exceptionally becomes an error answer
     */
    CompletableFuture<Answer> handle(Connection connection, Command request);
}
