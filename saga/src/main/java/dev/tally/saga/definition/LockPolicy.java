package dev.tally.saga.definition;

/**
 * What a saga does when another one has the lock that it wants.
 *
 * @since 0.1
 */
public enum LockPolicy {
    /** Its step is refused, and it goes its way back. */
    FAIL,

    /** It waits for its turn, first come, first served; sagas that would wait for one another are told apart by refusing the last. */
    QUEUE
}
