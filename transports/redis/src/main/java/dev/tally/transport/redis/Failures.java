package dev.tally.transport.redis;

import dev.tally.transport.SendOutcome;
import io.lettuce.core.RedisCommandExecutionException;
import io.lettuce.core.RedisException;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeoutException;

/** What a failed command means. */
final class Failures {

    /** Answers that say no, whatever is tried: not allowed, or the key is something else than a stream. */
    private static final List<String> FINAL = List.of("NOPERM", "WRONGTYPE");

    /** Answers of a server that was, or is not yet, the right one: another connection may lead to it. */
    private static final List<String> OF_CONNECTION = List.of("READONLY", "MASTERDOWN", "CLUSTERDOWN", "NOAUTH");

    private Failures() {}

    /** Without what futures wrap it in. */
    static Throwable cause(Throwable thrown) {
        Throwable cause = thrown;
        while ((cause instanceof CompletionException || cause instanceof ExecutionException)
                && cause.getCause() != null) {
            cause = cause.getCause();
        }
        return cause;
    }

    /** Whether the connection may be the reason, and another one may be better. */
    static boolean isOfConnection(Throwable thrown) {
        Throwable cause = cause(thrown);
        if (cause instanceof RedisCommandExecutionException) {
            return beginsWithOneOf(cause, OF_CONNECTION);
        }
        return cause instanceof RedisException
                || cause instanceof NoAnswerException
                || cause instanceof TimeoutException
                || cause instanceof CancellationException;
    }

    /** The group, or its stream, is not there. */
    static boolean isNoGroup(Throwable thrown) {
        return beginsWithOneOf(cause(thrown), List.of("NOGROUP"));
    }

    static boolean isBusyGroup(Throwable thrown) {
        return beginsWithOneOf(cause(thrown), List.of("BUSYGROUP"));
    }

    static SendOutcome.Failed ofSend(Throwable thrown, String what) {
        Throwable cause = cause(thrown);
        boolean isFinal = cause instanceof RedisCommandExecutionException && beginsWithOneOf(cause, FINAL);
        return new SendOutcome.Failed(!isFinal, what + ": " + reason(cause), cause);
    }

    /** The message, with that of the reason behind it: Lettuce's own says only where it could not connect to. */
    static String reason(Throwable thrown) {
        Throwable cause = cause(thrown);
        String message = cause.getMessage() == null ? cause.getClass().getSimpleName() : cause.getMessage();
        Throwable deeper = cause.getCause();
        String further = deeper == null ? null : deeper.getMessage();
        return further == null || message.contains(further) ? message : message + ": " + further;
    }

    private static boolean beginsWithOneOf(Throwable cause, List<String> codes) {
        String message = cause.getMessage();
        return message != null && codes.stream().anyMatch(message::startsWith);
    }
}
