package dev.tally.broker.net;

import java.util.List;
import java.util.Random;

/** Values at and beyond what fields can hold. */
final class Extremes {

    private static final List<String> VALUES = List.of(
            "",
            "0",
            "-1",
            "2147483647",
            "2147483648",
            "-2147483648",
            "9223372036854775807",
            "9223372036854775808",
            "-9223372036854775808",
            "1e400",
            "NaN",
            "null",
            "true",
            "\u0000",
            "\uFFFF\u2028",
            " ",
            "%RETRY%g",
            "%RETRY%g_t",
            "%DLQ%g",
            "TBW102",
            "RMQ_SYS_TRANS_HALF_TOPIC",
            "../../etc/passwd",
            "0 9223372036854775807 -1 999 1 tally -1 -9223372036854775808",
            "1 2 3",
            "a b c d e f g h",
            "x".repeat(300),
            "(".repeat(5_000),
            "NOT ".repeat(5_000) + "a",
            "a = 1 OR ".repeat(2_000) + "b = 2",
            "a IN ('" + "x','".repeat(2_000) + "y')",
            "a LIKE '" + "%_".repeat(1_000) + "'",
            "-".repeat(3_000) + "1 = 1",
            "tag || ".repeat(3_000) + "tag");

    private Extremes() {}

    static String any(Random random) {
        return VALUES.get(random.nextInt(VALUES.size()));
    }

    /** JSON with another value in some place, or cut, or nested deep. */
    static String spoil(String json, Random random) {
        if (json.isEmpty()) {
            return any(random);
        }
        int at = random.nextInt(json.length());
        return switch (random.nextInt(6)) {
            case 0 -> json.substring(0, at);
            case 1 -> "[".repeat(10_000);
            case 2 -> "{\"a\":".repeat(3_000) + json + "}".repeat(3_000);
            case 3 -> json.replaceFirst("\"[a-z]\"", "null");
            case 4 -> json.replaceFirst("[0-9]+", "123456789012345678901234567890");
            default -> json.substring(0, at) + any(random).replace("\"", "") + json.substring(at);
        };
    }
}
