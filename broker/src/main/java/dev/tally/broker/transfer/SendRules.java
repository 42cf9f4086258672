package dev.tally.broker.transfer;

/**
 * How a target is sent to.
 *
 * @param window how many requests for one queue may be under way: more than one only where the target keeps the order of
 *     a connection
 * @param mostBodyBytes the target's own limit; what is above goes alone and is refused in the target's words
 * @param bornTolerance how many milliseconds apart messages may be born that go as one batch
 * @param attempts how often in succession a queue may fail for reasons that pass
 */
record SendRules(int window, int mostBodyBytes, long bornTolerance, int attempts) {}
