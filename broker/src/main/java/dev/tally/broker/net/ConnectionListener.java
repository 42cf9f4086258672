package dev.tally.broker.net;

import dev.tally.broker.protocol.Command;

/**
 * Told of what connections bring. Called on a thread of the transport, one call at a time for each connection: must not
 * block.
 *
 * @since 0.1
 */
public interface ConnectionListener {

    /**
     * A well-formed frame came in.
     *
     * @param command its body lies in the transport's memory: it may be read until this call returns, and no longer
     */
    void received(Connection connection, Command command);

    /** The connection is gone, whoever ended it. */
    void closed(Connection connection);
}
