package dev.tally.transport.kafka;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import org.jspecify.annotations.Nullable;

/** Text as bytes and back. */
final class Utf8 {

    private static final char REPLACEMENT = '\ufffd';

    private Utf8() {}

    static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    /** Whether it has half of a character, which no bytes stand for. */
    static boolean isBroken(String text) {
        for (int i = 0; i < text.length(); i++) {
            char here = text.charAt(i);
            if (Character.isHighSurrogate(here)
                    && i + 1 < text.length()
                    && Character.isLowSurrogate(text.charAt(i + 1))) {
                i++;
            } else if (Character.isSurrogate(here)) {
                return true;
            }
        }
        return false;
    }

    /** What is no text, as others write it, in hexadecimal digits: different bytes stay different. */
    static String text(byte @Nullable [] bytes) {
        if (bytes == null) {
            return "";
        }
        String text = new String(bytes, StandardCharsets.UTF_8);
        return text.indexOf(REPLACEMENT) < 0 || isText(bytes)
                ? text
                : HexFormat.of().formatHex(bytes);
    }

    private static boolean isText(byte[] bytes) {
        try {
            StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes));
            return true;
        } catch (CharacterCodingException e) {
            return false;
        }
    }
}
