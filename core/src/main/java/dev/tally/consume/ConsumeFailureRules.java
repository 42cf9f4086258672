package dev.tally.consume;

/**
 * Says what is done about messages whose handlers failed. The annotation's own rules come first. Thread-safe.
 *
 * @since 0.1
 */
@FunctionalInterface
public interface ConsumeFailureRules {

    /** Everything is tried again. */
    ConsumeFailureRules RETRY = (message, failure) -> FailureAction.RETRY;

    /**
     * What is done about one message. An exception counts as {@link FailureAction#RETRY}.
     *
     * @param failure what the handler, or its transaction, threw
     */
    FailureAction actionFor(MessageContext message, Throwable failure);
}
