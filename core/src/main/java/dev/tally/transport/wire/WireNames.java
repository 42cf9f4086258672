package dev.tally.transport.wire;

/**
 * The names under which transports carry what a message has beside its headers and its payload, where their protocol has
 * no place of its own for it. Headers of messages begin with none of these, see {@link
 * dev.tally.message.Headers#RESERVED_PREFIX}.
 *
 * @since 0.1
 */
public final class WireNames {

    /** The id; on messages of Tally always there. */
    public static final String ID = "tally-id";

    /** The logical name of the payload's type. */
    public static final String TYPE = "tally-type";

    /** The key; absent on messages without one. */
    public static final String KEY = "tally-key";

    /** The tag; absent on messages without one. */
    public static final String TAG = "tally-tag";

    private WireNames() {}
}
