package dev.tally.consume;

/**
 * Names of headers under which a handler that takes Spring's {@code Message} finds what is in a {@link MessageContext}.
 *
 * @since 0.1
 */
public final class ConsumeHeaders {

    /** The message's id, a {@code String}. */
    public static final String ID = "tally_id";

    /** The topic. */
    public static final String TOPIC = "tally_topic";

    /** The group that handles it. */
    public static final String GROUP = "tally_group";

    /** Its key; absent if it has none. */
    public static final String KEY = "tally_key";

    /** The logical name of its type. */
    public static final String TYPE = "tally_type";

    /** Which delivery this is, from 1; an {@code Integer}. */
    public static final String ATTEMPT = "tally_attempt";

    private ConsumeHeaders() {}
}
