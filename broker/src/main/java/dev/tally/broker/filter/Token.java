package dev.tally.broker.filter;

/**
 * A word of an expression.
 *
 * @param kind what it is
 * @param text a keyword in upper case, a symbol, a name, digits, or the value of a text
 * @param at the index of its first character
 */
record Token(Kind kind, String text, int at) {

    enum Kind {
        KEYWORD,
        SYMBOL,
        NAME,
        WHOLE,
        FRACTION,
        TEXT,
        END
    }

    boolean is(String keywordOrSymbol) {
        return (kind == Kind.KEYWORD || kind == Kind.SYMBOL) && text.equals(keywordOrSymbol);
    }

    @Override
    public String toString() {
        return kind == Kind.END ? "the end" : "'" + text + "'";
    }
}
