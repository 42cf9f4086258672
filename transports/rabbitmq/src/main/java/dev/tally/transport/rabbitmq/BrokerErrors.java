package dev.tally.transport.rabbitmq;

import com.rabbitmq.client.AMQP;
import com.rabbitmq.client.AuthenticationFailureException;
import com.rabbitmq.client.PossibleAuthenticationFailureException;
import com.rabbitmq.client.ShutdownSignalException;
import org.jspecify.annotations.Nullable;

/** Reads what the broker, or the client, says about why something did not work. */
final class BrokerErrors {

    static final int ACCESS_REFUSED = AMQP.ACCESS_REFUSED;
    static final int NOT_FOUND = AMQP.NOT_FOUND;
    static final int PRECONDITION_FAILED = AMQP.PRECONDITION_FAILED;

    private static final int MAX_DEPTH = 20;

    private BrokerErrors() {}

    /** The code with which the broker closed a channel or a connection, 0 where it did not. */
    static int codeOf(Throwable thrown) {
        ShutdownSignalException signal = find(thrown, ShutdownSignalException.class);
        if (signal != null && signal.getReason() instanceof AMQP.Channel.Close close) {
            return close.getReplyCode();
        }
        if (signal != null && signal.getReason() instanceof AMQP.Connection.Close close) {
            return close.getReplyCode();
        }
        return 0;
    }

    /** For people: the broker's own text where there is one. */
    static String textOf(Throwable thrown) {
        ShutdownSignalException signal = find(thrown, ShutdownSignalException.class);
        if (signal != null && signal.getReason() instanceof AMQP.Channel.Close close) {
            return "the broker closed the channel, " + close.getReplyText();
        }
        if (signal != null && signal.getReason() instanceof AMQP.Connection.Close close) {
            return "the broker closed the connection, " + close.getReplyText();
        }
        Throwable root = thrown;
        for (int depth = 0; root.getCause() != null && depth < MAX_DEPTH; depth++) {
            root = root.getCause();
        }
        String message = root.getMessage();
        if (root instanceof Topology.MissingException && message != null) {
            return message;
        }
        return root.getClass().getSimpleName() + (message == null ? "" : ": " + message);
    }

    /** Whether a set-up is wrong, so that trying again is of no use before a person has changed something. */
    static boolean isSetUp(Throwable thrown) {
        int code = codeOf(thrown);
        return code == ACCESS_REFUSED
                || code == PRECONDITION_FAILED
                || code == AMQP.RESOURCE_LOCKED
                || code == AMQP.NOT_ALLOWED
                || code == AMQP.COMMAND_INVALID
                || find(thrown, AuthenticationFailureException.class) != null
                || find(thrown, PossibleAuthenticationFailureException.class) != null;
    }

    private static <T extends Throwable> @Nullable T find(Throwable thrown, Class<T> type) {
        Throwable cause = thrown;
        for (int depth = 0; cause != null && depth < MAX_DEPTH; depth++) {
            if (type.isInstance(cause)) {
                return type.cast(cause);
            }
            cause = cause.getCause();
        }
        return null;
    }
}
