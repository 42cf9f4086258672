package dev.tally.broker;

import java.util.Objects;

/** What went wrong, as a part of one line for a person. */
final class FailureReason {

    private FailureReason() {}

    /** The failure's own words, and where they are not the whole story also its first cause's. */
    static String of(Throwable failure) {
        Throwable first = failure;
        while (first.getCause() != null) {
            first = first.getCause();
        }
        String message = words(failure);
        String cause = words(first);
        return message.contains(cause) ? message : message + ": " + cause;
    }

    /** Some errors of the class loader carry no message. */
    private static String words(Throwable failure) {
        return Objects.requireNonNullElse(failure.getMessage(), failure.toString());
    }
}
