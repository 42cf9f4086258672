package dev.tally.transport.redis;

import java.time.Duration;

/**
 * A partition's lease, as far as this member knows: until when it certainly has it. It counts from before the server was
 * asked, so that it ends here before it ends there. One thread changes it, all may ask.
 */
final class Lease {

    private final byte[] key;
    private final String member;
    private final long leaseNanos;
    private volatile String token;
    private volatile long since;

    /**
     * A lease that was taken.
     *
     * @param askedAt when the server was asked for it, in nanoseconds
     */
    Lease(byte[] key, String member, String token, Duration leaseTime, long askedAt) {
        this.key = key;
        this.member = member;
        this.token = token;
        // A little less: clocks do not go at one speed.
        this.leaseNanos = leaseTime.toNanos() * 9 / 10;
        this.since = askedAt;
    }

    byte[] key() {
        return key;
    }

    String member() {
        return member;
    }

    String token() {
        return token;
    }

    void taken(String newToken, long askedAt) {
        token = newToken;
        since = askedAt;
    }

    void renewed(long askedAt) {
        since = askedAt;
    }

    boolean holds(long now) {
        return now - since < leaseNanos;
    }
}
