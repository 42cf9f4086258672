package dev.tally.broker.engine;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/** Strings in records: an unsigned 16-bit length, then UTF-8. */
final class Text {

    private static final int MAX = 0xFFFF;

    private Text() {}

    static byte[] encode(String what, String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        if (bytes.length > MAX) {
            throw new IllegalArgumentException(
                    "Cannot store a " + what + " of " + bytes.length + " bytes; at most " + MAX);
        }
        return bytes;
    }

    static int size(byte[] encoded) {
        return Short.BYTES + encoded.length;
    }

    static void put(ByteBuffer target, byte[] encoded) {
        target.putShort((short) encoded.length).put(encoded);
    }

    static String get(ByteBuffer source) {
        byte[] bytes = new byte[source.getShort() & MAX];
        source.get(bytes);
        return new String(bytes, StandardCharsets.UTF_8);
    }
}
