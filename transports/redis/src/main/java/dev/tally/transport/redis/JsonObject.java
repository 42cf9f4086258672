package dev.tally.transport.redis;

import java.nio.charset.StandardCharsets;
import java.util.Map;

/** A flat JSON object, for entries whose fields are the payload. */
final class JsonObject {

    private JsonObject() {}

    /** Members whose values are strings; bytes that are no UTF-8 become replacement characters. */
    static byte[] of(Map<String, byte[]> members) {
        StringBuilder json = new StringBuilder("{");
        members.forEach((name, value) -> {
            if (json.length() > 1) {
                json.append(',');
            }
            string(json, name);
            json.append(':');
            string(json, RedisKeys.text(value));
        });
        return json.append('}').toString().getBytes(StandardCharsets.UTF_8);
    }

    private static void string(StringBuilder json, String text) {
        json.append('"');
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == '"' || c == '\\') {
                json.append('\\').append(c);
            } else if (c < ' ') {
                json.append(String.format("\\u%04x", (int) c));
            } else {
                json.append(c);
            }
        }
        json.append('"');
    }
}
