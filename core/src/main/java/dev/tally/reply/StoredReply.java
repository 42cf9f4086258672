package dev.tally.reply;

import org.jspecify.annotations.Nullable;

/**
 * What was answered. Immutable by agreement: the body is not copied, and nobody who holds a reply changes it.
 *
 * @since 0.1
 */
public final class StoredReply {

    private final @Nullable String fingerprint;
    private final int status;
    private final @Nullable String contentType;
    private final @Nullable String headers;
    private final byte[] body;

    /**
     * Creates a reply.
     *
     * @param fingerprint of the request that was answered, at most 64 characters; {@code null} where requests are not
     *     compared
     * @param status as HTTP has it; 200 for what a method returned
     * @param contentType the body's media type, at most 255 characters, or {@code null}
     * @param headers further headers as a JSON object, or {@code null}
     * @param body may be empty
     */
    public StoredReply(
            @Nullable String fingerprint,
            int status,
            @Nullable String contentType,
            @Nullable String headers,
            byte[] body) {
        this.fingerprint = fingerprint;
        this.status = status;
        this.contentType = contentType;
        this.headers = headers;
        this.body = body;
    }

    /** Tells another request from a repeated one; {@code null} where requests are not compared. */
    public @Nullable String fingerprint() {
        return fingerprint;
    }

    /** As HTTP has it. */
    public int status() {
        return status;
    }

    /** The body's media type, or {@code null}. */
    public @Nullable String contentType() {
        return contentType;
    }

    /** Further headers as a JSON object, or {@code null}. */
    public @Nullable String headers() {
        return headers;
    }

    /** The body; not to be changed. */
    public byte[] body() {
        return body;
    }
}
