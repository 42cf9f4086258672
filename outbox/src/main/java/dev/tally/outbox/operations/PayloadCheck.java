package dev.tally.outbox.operations;

import dev.tally.message.Headers;
import dev.tally.message.PayloadCodec;
import dev.tally.message.PayloadUnreadableException;
import org.jspecify.annotations.Nullable;

/**
 * Says whether edited bytes can be the payload of a message, as far as that is known here. Thread-safe.
 *
 * @since 0.1
 */
@FunctionalInterface
public interface PayloadCheck {

    /** The classes that are known for types of messages. */
    @FunctionalInterface
    interface KnownClasses {

        /** The class of a logical name; {@code null} if none is known. */
        @Nullable Class<?> of(String type);
    }

    /**
     * Looks at a payload.
     *
     * @param type the logical name of the message's type
     * @param headers the message's headers
     * @return what is wrong with it; {@code null} if nothing is known to be
     */
    @Nullable String faultOf(String type, Headers headers, byte[] payload);

    /** Takes everything. */
    static PayloadCheck none() {
        return (type, headers, payload) -> null;
    }

    /**
     * Decodes the payload: as its type's class where that is known, and otherwise, where the message's content type is the
     * codec's, as anything that the codec can read.
     *
     * @param classes what is known of types
     */
    static PayloadCheck decoding(PayloadCodec codec, KnownClasses classes) {
        return (type, headers, payload) -> {
            Class<?> known = classes.of(type);
            if (known == null && !codec.contentType().equals(headers.get(Headers.CONTENT_TYPE))) {
                return null;
            }
            try {
                Class<?> readAs = known == null ? Object.class : known;
                Object unused = codec.decode(payload, readAs);
                return null;
            } catch (PayloadUnreadableException e) {
                return String.valueOf(e.getMessage());
            }
        };
    }
}
