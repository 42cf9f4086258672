package dev.tally.testkit;

/**
 * What a team asks of a transport before it chooses one; a row of the table that compares them. What is in the table was
 * shown by a test at the real broker.
 *
 * @since 0.1
 */
public enum TransportFeature {
    /** Headers of any name, keys, types and empty payloads. */
    MESSAGES_UNCHANGED("Headers, key and type arrive unchanged"),
    /** See {@code Capability.HALF_MESSAGES}. */
    HALF_MESSAGES("Half messages"),
    /** See {@code Capability.KEY_ORDER}. */
    KEY_ORDER("Order of each key"),
    /** Order, and nothing lost, while members of the group come and go. */
    KEY_ORDER_UNDER_REBALANCE("… while members come and go"),
    /** A message that fails holds its own key only. */
    KEYS_APART("A failing message holds its key alone"),
    /** Tag expressions of subscriptions. */
    TAGS("Tags"),
    /** See {@code Capability.BROADCAST}. */
    BROADCAST("Broadcast"),
    /** What was sent before a group subscribed for the first time. */
    HISTORY("A new group begins at the topic's first message"),
    /** See {@code Capability.DELAY}. */
    DELAY("Delay kept by the broker (elsewhere by the outbox)"),
    /** After the attempts, where the broker's users look for them. */
    DEAD_LETTERS("Retries, then dead letters"),
    /** The same in a group that keeps order. */
    DEAD_LETTERS_IN_ORDER("… in order"),
    /** See {@code Capability.DELIVERY_COUNT}. */
    DELIVERY_COUNT("Deliveries are counted by the broker"),
    /** See {@code Capability.REPLAY}. */
    REPLAY("Replay from a time"),
    /** Ids for messages of producers that do not know Tally. */
    FOREIGN_MESSAGES("Foreign messages have an id that stays"),
    /** What cannot be understood stops nothing. */
    MALFORMED_MESSAGES("Malformed messages stop nothing"),
    /** Limits are checked when a message is published. */
    LIMITS("Limits are told when publishing"),
    /** Killed with -9 and started again under load. */
    BROKER_KILLED("Broker killed under load: nothing confirmed is lost");

    private final String title;

    TransportFeature(String title) {
        this.title = title;
    }

    /** The row's name in the table. */
    public String title() {
        return title;
    }
}
