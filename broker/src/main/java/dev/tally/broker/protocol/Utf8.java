package dev.tally.broker.protocol;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/** Reads text from the wire. Bytes that are no UTF-8 are refused: replaced ones would be other names and other values. */
final class Utf8 {

    private Utf8() {}

    /** The text, {@code null} where the bytes are no UTF-8. */
    static @Nullable String decode(byte[] bytes, int from, int length) {
        for (int i = from; i < from + length; i++) {
            if (bytes[i] < 0) {
                return decode(ByteBuffer.wrap(bytes, from, length));
            }
        }
        return new String(bytes, from, length, StandardCharsets.ISO_8859_1);
    }

    /** The text of what is left in a buffer, {@code null} where that is no UTF-8. */
    static @Nullable String decode(ByteBuffer bytes) {
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .onMalformedInput(CodingErrorAction.REPORT)
                    .onUnmappableCharacter(CodingErrorAction.REPORT)
                    .decode(bytes)
                    .toString();
        } catch (CharacterCodingException e) {
            return null;
        }
    }
}
