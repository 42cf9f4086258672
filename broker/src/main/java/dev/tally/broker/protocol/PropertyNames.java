package dev.tally.broker.protocol;

/**
 * Names of message properties that the broker reads or writes.
 *
 * @since 0.1
 */
public final class PropertyNames {

    public static final String TAGS = "TAGS";
    public static final String DELAY_LEVEL = "DELAY";
    public static final String TIMER_DELAY_MILLIS = "TIMER_DELAY_MS";
    public static final String TIMER_DELAY_SECONDS = "TIMER_DELAY_SEC";
    public static final String TIMER_DELIVER_AT_MILLIS = "TIMER_DELIVER_MS";
    public static final String TRANSACTION_PREPARED = "TRAN_MSG";
    public static final String PRODUCER_GROUP = "PGROUP";
    public static final String KEYS = "KEYS";
    public static final String UNIQUE_KEY = "UNIQ_KEY";
    public static final String RETRY_TOPIC = "RETRY_TOPIC";
    public static final String ORIGIN_MESSAGE_ID = "ORIGIN_MESSAGE_ID";
    public static final String DEAD_LETTER_ORIGIN_TOPIC = "DLQ_ORIGIN_TOPIC";
    public static final String DEAD_LETTER_ORIGIN_MESSAGE_ID = "DLQ_ORIGIN_MESSAGE_ID";
    public static final String DEAD_LETTER_SOURCE = "TALLY_DLQ_SOURCE";
    public static final String CHECK_IMMUNITY_SECONDS = "CHECK_IMMUNITY_TIME_IN_SECONDS";
    /** How many milliseconds after its time a delayed message became visible; only where that is a second or more. */
    public static final String LATE_MILLIS = "TALLY_LATE_MILLIS";

    /** The receipt of a delivery by pop, where it does not follow from the answer's fields. */
    public static final String POP_RECEIPT = "POP_CK";

    /** When a message that is tried again was popped first. */
    public static final String FIRST_POP_MILLIS = "1ST_POP_TIME";

    public static final String REGION = "MSG_REGION";
    public static final String TRACE = "TRACE_ON";

    /** The client that waits for the reply to a request message. */
    public static final String REPLY_TO_CLIENT = "REPLY_TO_CLIENT";

    public static final String PUSH_REPLY_TIME = "PUSH_REPLY_TIME";
    public static final String CLUSTER = "CLUSTER";

    private PropertyNames() {}
}
