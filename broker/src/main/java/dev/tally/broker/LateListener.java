package dev.tally.broker;

import dev.tally.broker.net.Connection;
import dev.tally.broker.net.ConnectionListener;
import dev.tally.broker.protocol.Command;
import org.jspecify.annotations.Nullable;

/** Closes connections that come in the moments before the broker is ready; clients connect again. */
final class LateListener implements ConnectionListener {

    private volatile @Nullable ConnectionListener ready;

    void handOverTo(ConnectionListener listener) {
        ready = listener;
    }

    @Override
    public void received(Connection connection, Command command) {
        ConnectionListener listener = ready;
        if (listener == null) {
            connection.close();
        } else {
            listener.received(connection, command);
        }
    }

    @Override
    public void closed(Connection connection) {
        ConnectionListener listener = ready;
        if (listener != null) {
            listener.closed(connection);
        }
    }
}
