package dev.tally.broker.protocol;

import org.jspecify.annotations.Nullable;

/**
 * Walks over the JSON of a header: one object of plain values with at most one object of plain values inside. Makes no
 * tree and no tokens. What else valid JSON may hold is passed over, to a bounded depth.
 */
final class JsonScanner {

    private static final int DEEPEST = 32;
    private static final String[] SINGLE_LETTERS = new String[128];

    static {
        for (int i = 0; i < SINGLE_LETTERS.length; i++) {
            SINGLE_LETTERS[i] = String.valueOf((char) i);
        }
    }

    private final byte[] bytes;
    private final int end;
    private int at;

    JsonScanner(byte[] bytes, int end) {
        this.bytes = bytes;
        this.end = end;
    }

    /** The next character that is no white space, not consumed; 0 at the end. */
    int peek() {
        while (at < end && (bytes[at] == ' ' || bytes[at] == '\n' || bytes[at] == '\r' || bytes[at] == '\t')) {
            at++;
        }
        return at < end ? bytes[at] : 0;
    }

    /** Consumes a character if it is the next. */
    boolean take(char wanted) {
        if (peek() != wanted) {
            return false;
        }
        at++;
        return true;
    }

    void require(char wanted) {
        if (!take(wanted)) {
            throw malformed("'" + wanted + "' is missing");
        }
    }

    /** Between two members of an object: whether there is another one. */
    boolean anotherMember() {
        if (take(',')) {
            return true;
        }
        require('}');
        return false;
    }

    /** A member's name with its colon. */
    String name() {
        String name = string();
        require(':');
        return name;
    }

    /** A string, number or truth value as text; {@code null} for null. */
    @Nullable String plain() {
        int first = peek();
        if (first == '"') {
            return string();
        }
        if (first == '{' || first == '[') {
            throw malformed("a field is no plain value");
        }
        String word = word();
        return switch (word) {
            case "null" -> null;
            case "true", "false" -> word;
            default -> requireNumber(word);
        };
    }

    int integer() {
        if (peek() == '"') {
            throw malformed("a number is written as text");
        }
        try {
            return Integer.parseInt(word());
        } catch (NumberFormatException e) {
            throw new MalformedFrameException("The JSON header has no number before byte " + at, e);
        }
    }

    /** Passes over any value. */
    void skip() {
        skip(0);
    }

    private void skip(int depth) {
        if (depth > DEEPEST) {
            throw malformed("it is nested more than " + DEEPEST + " deep");
        }
        if (take('{')) {
            if (!take('}')) {
                do {
                    name();
                    skip(depth + 1);
                } while (anotherMember());
            }
        } else if (take('[')) {
            if (!take(']')) {
                do {
                    skip(depth + 1);
                } while (take(','));
                require(']');
            }
        } else {
            plain();
        }
    }

    /** Nothing but white space may follow. */
    void requireEnd() {
        peek();
        if (at < end) {
            throw malformed("something follows the object");
        }
    }

    private String word() {
        peek();
        int start = at;
        while (at < end && (Character.isLetterOrDigit(bytes[at]) || "+-.".indexOf(bytes[at]) >= 0)) {
            at++;
        }
        if (at == start) {
            throw malformed("a value is missing");
        }
        String word = Utf8.decode(bytes, start, at - start);
        return word == null ? "" : word;
    }

    private String requireNumber(String word) {
        for (int i = 0; i < word.length(); i++) {
            if ("+-.0123456789eE".indexOf(word.charAt(i)) < 0) {
                throw malformed("a value is none of JSON");
            }
        }
        return word;
    }

    private String string() {
        require('"');
        int start = at;
        while (at < end && bytes[at] != '"' && bytes[at] != '\\') {
            requireNoControl();
            at++;
        }
        if (at >= end) {
            throw malformed("a text does not end");
        }
        if (bytes[at] == '\\') {
            return escaped(start);
        }
        String text = at - start == 1 && bytes[start] > 0 ? SINGLE_LETTERS[bytes[start]] : piece(start);
        at++;
        return text;
    }

    private String escaped(int start) {
        StringBuilder text = new StringBuilder(256);
        int pieceStart = start;
        while (at < end && bytes[at] != '"') {
            if (bytes[at] == '\\') {
                text.append(piece(pieceStart));
                at++;
                text.append(escape());
                pieceStart = at;
            } else {
                requireNoControl();
                at++;
            }
        }
        if (at >= end) {
            throw malformed("a text does not end");
        }
        text.append(piece(pieceStart));
        at++;
        return text.toString();
    }

    private void requireNoControl() {
        if (bytes[at] >= 0 && bytes[at] < ' ') {
            throw malformed("a text holds a control character");
        }
    }

    private String piece(int start) {
        if (start == at) {
            return "";
        }
        String piece = Utf8.decode(bytes, start, at - start);
        if (piece == null) {
            throw malformed("a text is no UTF-8");
        }
        return piece;
    }

    private char escape() {
        int escape = at < end ? bytes[at++] : 0;
        return switch (escape) {
            case '"', '\\', '/' -> (char) escape;
            case 'b' -> '\b';
            case 'f' -> '\f';
            case 'n' -> '\n';
            case 'r' -> '\r';
            case 't' -> '\t';
            case 'u' -> hex();
            default -> throw malformed("an escape is none of JSON");
        };
    }

    private char hex() {
        int value = 0;
        for (int i = 0; i < 4; i++) {
            int digit = at < end ? Character.digit(bytes[at++], 16) : -1;
            if (digit < 0) {
                throw malformed("an escape is no hexadecimal number");
            }
            value = value << 4 | digit;
        }
        return (char) value;
    }

    private MalformedFrameException malformed(String what) {
        return new MalformedFrameException("The JSON header cannot be read at byte " + at + ": " + what);
    }
}
