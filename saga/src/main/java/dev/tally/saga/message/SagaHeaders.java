package dev.tally.saga.message;

import dev.tally.message.Headers;

/**
 * The headers of commands and replies. Participants that do not use Tally answer a command with a message to the topic
 * {@link #REPLY_TO}, with the command's {@link #SAGA_ID}, {@link #STEP}, {@link #ATTEMPT} and {@link #PHASE}, an {@link
 * #OUTCOME}, and the saga's id as its key.
 *
 * @since 0.1
 */
public final class SagaHeaders {

    /** The saga's id. On commands and replies. */
    public static final String SAGA_ID = Headers.RESERVED_PREFIX + "saga-id";

    /** The name of the saga's definition. On commands. */
    public static final String SAGA_NAME = Headers.RESERVED_PREFIX + "saga-name";

    /** The step's name. On commands and replies. */
    public static final String STEP = Headers.RESERVED_PREFIX + "saga-step";

    /** Which attempt of the step, or of its compensation, from 1. On commands and replies. */
    public static final String ATTEMPT = Headers.RESERVED_PREFIX + "saga-attempt";

    /** {@code do} for the step, {@code undo} for its compensation. On commands and replies. */
    public static final String PHASE = Headers.RESERVED_PREFIX + "saga-phase";

    /** Until when an answer is waited for, in milliseconds since 1970; absent for ever. On commands. */
    public static final String DEADLINE = Headers.RESERVED_PREFIX + "saga-deadline";

    /** When the saga began, in milliseconds since 1970. On commands. */
    public static final String STARTED = Headers.RESERVED_PREFIX + "saga-started";

    /** {@code true} on compensations of steps that somebody else has done; absent otherwise. */
    public static final String ELSEWHERE = Headers.RESERVED_PREFIX + "saga-elsewhere";

    /** The topic for the reply. On commands. */
    public static final String REPLY_TO = Headers.RESERVED_PREFIX + "saga-reply-to";

    /** What became of the command, see {@link ReplyOutcome}; in lower case. On replies. */
    public static final String OUTCOME = Headers.RESERVED_PREFIX + "saga-outcome";

    /** Why it was not done, for people, at most 500 characters; may be absent. On replies. */
    public static final String REASON = Headers.RESERVED_PREFIX + "saga-reason";

    static final String DO = "do";
    static final String UNDO = "undo";

    private SagaHeaders() {}
}
