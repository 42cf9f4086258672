package dev.tally.outbox.operations;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * How a parked row is to be changed: its payload, its headers, or both. Topic, key, type and id stay: consumers know the
 * message by them, and its order among others depends on them. Immutable by agreement: the payload is not copied.
 *
 * @since 0.1
 */
public final class RowEdit {

    private final byte @Nullable [] payload;
    private final @Nullable Map<String, String> headers;

    private RowEdit(byte @Nullable [] payload, @Nullable Map<String, String> headers) {
        this.payload = payload;
        this.headers = headers == null ? null : Collections.unmodifiableMap(new LinkedHashMap<>(headers));
    }

    /** Changes nothing yet. */
    public static RowEdit none() {
        return new RowEdit(null, null);
    }

    /** The same, with a new payload. */
    public RowEdit withPayload(byte[] encoded) {
        return new RowEdit(encoded, headers);
    }

    /**
     * The same, with new headers.
     *
     * @param all all headers of the application, those that are left out are removed; Tally's own stay as they are
     *     whether they are among them or not
     */
    public RowEdit withHeaders(Map<String, String> all) {
        return new RowEdit(payload, all);
    }

    /** The new payload; {@code null} to keep the old one. */
    public byte @Nullable [] payload() {
        return payload;
    }

    /** The new headers; {@code null} to keep the old ones. */
    public @Nullable Map<String, String> headers() {
        return headers;
    }
}
