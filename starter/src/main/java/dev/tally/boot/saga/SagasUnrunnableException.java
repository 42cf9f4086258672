package dev.tally.boot.saga;

import dev.tally.message.TallyException;

/** There are sagas that this build cannot go on with; the application does not start. */
final class SagasUnrunnableException extends TallyException {

    SagasUnrunnableException(String message) {
        super("TALLY-SAGA-UNRUNNABLE", message);
    }
}
