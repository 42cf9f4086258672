package dev.tally.boot.guard;

import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/** The header in which messages that Tally sent carry their id over other systems. */
final class TallyHeader {

    static final String NAME = "tally-id";

    /** Where a name has to be a Java identifier. */
    static final String JAVA_NAME = "tally_id";

    private TallyHeader() {}

    /** A header's value as text; {@code null} for none. */
    static @Nullable String text(@Nullable Object value) {
        String text = value instanceof byte[] bytes
                ? new String(bytes, StandardCharsets.UTF_8)
                : value == null ? "" : value.toString();
        return text.isBlank() ? null : text;
    }
}
