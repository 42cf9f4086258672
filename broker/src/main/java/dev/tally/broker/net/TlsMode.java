package dev.tally.broker.net;

/**
 * Whether connections are encrypted. One port serves both kinds: the first byte tells them apart.
 *
 * @since 0.1
 */
public enum TlsMode {
    /** Encrypted connections are closed. */
    DISABLED,
    /** Both kinds are served. */
    PERMISSIVE,
    /** Plain connections are closed. */
    ENFORCING
}
