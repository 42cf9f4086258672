package dev.tally.transport.jms;

import jakarta.jms.Connection;
import jakarta.jms.JMSException;
import jakarta.jms.JMSRuntimeException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The end of connections. */
final class Connections {

    private static final Logger LOG = LoggerFactory.getLogger(Connections.class);

    private Connections() {}

    /** Closes one with all its sessions; that it is broken already is no news. */
    static void closeQuietly(Connection connection) {
        try {
            connection.close();
        } catch (JMSException | JMSRuntimeException e) {
            LOG.debug("a connection could not be closed", e);
        }
    }
}
