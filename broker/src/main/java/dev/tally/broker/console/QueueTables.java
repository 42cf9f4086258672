package dev.tally.broker.console;

/**
 * Takes the table of queues out of what a client answers. Its names are objects, so no parser of JSON reads it; it is
 * handed on as it came, which asks only for its two ends.
 */
final class QueueTables {

    private static final String NAME = "\"messageQueueTable\":";
    private static final String NONE = "{}";

    private QueueTables() {}

    /** The table, an empty one where there is none. */
    static String of(String body) {
        int at = body.indexOf(NAME);
        int start = at < 0 ? -1 : at + NAME.length();
        if (start < 0 || start >= body.length() || body.charAt(start) != '{') {
            return NONE;
        }
        int depth = 0;
        boolean inText = false;
        for (int i = start; i < body.length(); i++) {
            char c = body.charAt(i);
            if (inText) {
                if (c == '\\') {
                    i++;
                } else if (c == '"') {
                    inText = false;
                }
            } else if (c == '"') {
                inText = true;
            } else if (c == '{') {
                depth++;
            } else if (c == '}' && --depth == 0) {
                return body.substring(start, i + 1);
            }
        }
        return NONE;
    }
}
