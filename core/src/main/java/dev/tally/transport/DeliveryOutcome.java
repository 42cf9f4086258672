package dev.tally.transport;

/**
 * What a handler made of one delivery.
 *
 * @since 0.1
 */
public sealed interface DeliveryOutcome {

    /** It took effect, now or earlier: acknowledge it. */
    record Delivered() implements DeliveryOutcome {}

    /**
     * It did not take effect: deliver it again, with back-off, until its attempts are used up.
     *
     * @param reason for people
     */
    record Retry(String reason) implements DeliveryOutcome {}

    /**
     * It never will take effect: dead-letter it now.
     *
     * @param reason for people
     */
    record DeadLetter(String reason) implements DeliveryOutcome {}

    /**
     * It could not be tried for a reason that is not its own, such as a database that is away: keep it, and try it again
     * after a while, as often as it takes. The attempt does not count.
     *
     * @param reason for people
     */
    record Later(String reason) implements DeliveryOutcome {}

    /**
     * It did not take effect, and nothing more of its subscription is to be handled by this member until a person resumes
     * it: keep it, without counting the attempt.
     *
     * @param reason for people
     */
    record Stop(String reason) implements DeliveryOutcome {}
}
