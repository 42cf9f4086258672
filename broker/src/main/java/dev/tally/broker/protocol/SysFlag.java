package dev.tally.broker.protocol;

/**
 * Bits of a message's system flag.
 *
 * @since 0.1
 */
public final class SysFlag {

    /** The transaction's half message. */
    public static final int PREPARED = 1 << 2;
    /** A committed half message. */
    public static final int COMMITTED = 2 << 2;
    /** A rolled back half message; as a mask, both transaction bits. */
    public static final int ROLLED_BACK = 3 << 2;
    /** The born host has 16 address bytes. */
    public static final int BORN_HOST_V6 = 1 << 4;
    /** The store host has 16 address bytes. */
    public static final int STORE_HOST_V6 = 1 << 5;

    private SysFlag() {}

    /** The flag with its transaction bits replaced. */
    public static int withTransaction(int flag, int transaction) {
        return (flag & ~ROLLED_BACK) | transaction;
    }
}
