package dev.tally.saga.store;

/**
 * Why a saga waits for a person.
 *
 * @param kind what has to be decided
 * @param reason for people
 * @since 0.1
 */
public record Parking(Kind kind, String reason) {

    /** What has to be decided. */
    public enum Kind {
        /** A step is stuck. Answers are taken still; if one of them solves it, the saga goes on by itself. */
        STEP,

        /** A function of the definition failed, or the data cannot be read. Answers wait. */
        ERROR,

        /** This build does not have the definition that it began with. Answers wait. */
        DEFINITION,

        /** Somebody stopped it. Answers wait. */
        QUARANTINE
    }

    /** Whether what arrives for the saga waits until a person has seen to it. */
    public boolean holdsAnswers() {
        return kind != Kind.STEP;
    }
}
