package dev.tally.saga.message;

import dev.tally.message.Message;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** Reads the headers of one message; what is missing or makes no sense is refused by name. */
final class HeaderReader {

    private final Message message;
    private final String what;

    HeaderReader(Message message, String what) {
        this.message = message;
        this.what = what;
    }

    String text(String header) {
        String value = message.headers().get(header);
        if (value == null || value.isBlank()) {
            throw new SagaMessageException("Cannot read message " + message.id() + " of topic "
                    + message.destination().topic() + " as a saga's " + what + ": the header " + header
                    + " is missing");
        }
        return value;
    }

    int attempt() {
        String value = text(SagaHeaders.ATTEMPT);
        try {
            int attempt = Integer.parseInt(value);
            if (attempt >= 1) {
                return attempt;
            }
        } catch (NumberFormatException e) {
            // told below
        }
        throw invalid(SagaHeaders.ATTEMPT, value);
    }

    boolean isUndo() {
        String value = text(SagaHeaders.PHASE);
        return switch (value) {
            case SagaHeaders.DO -> false;
            case SagaHeaders.UNDO -> true;
            default -> throw invalid(SagaHeaders.PHASE, value);
        };
    }

    Instant time(String header) {
        String value = text(header);
        try {
            return Instant.ofEpochMilli(Long.parseLong(value));
        } catch (NumberFormatException e) {
            throw invalid(header, value);
        }
    }

    @Nullable Instant timeOrNull(String header) {
        return message.headers().get(header) == null ? null : time(header);
    }

    SagaMessageException invalid(String header, String value) {
        return new SagaMessageException("Cannot read message " + message.id() + " of topic "
                + message.destination().topic() + " as a saga's " + what + ": its header " + header + " is '" + value
                + "'");
    }
}
