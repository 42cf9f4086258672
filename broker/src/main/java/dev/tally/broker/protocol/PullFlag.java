package dev.tally.broker.protocol;

/**
 * Bits of a pull request's system flag.
 *
 * @since 0.1
 */
public final class PullFlag {

    /** The pull commits an offset as well. */
    public static final int COMMIT_OFFSET = 1;
    /** The broker may hold the pull until something arrives. */
    public static final int SUSPEND = 1 << 1;
    /** The pull carries its subscription expression. */
    public static final int SUBSCRIPTION = 1 << 2;

    private PullFlag() {}
}
