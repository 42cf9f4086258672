package dev.tally.broker.filter;

import dev.tally.broker.filter.Token.Kind;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/** Splits an expression into its words; spaces and comments are passed over. */
final class Lexer {

    private static final Set<String> KEYWORDS = Set.of(
            "NOT", "AND", "OR", "BETWEEN", "IN", "TRUE", "FALSE", "NULL", "IS", "CONTAINS", "STARTSWITH", "ENDSWITH");

    private final String source;
    private final List<Token> tokens = new ArrayList<>();
    private int at;

    private Lexer(String source) {
        this.source = source;
    }

    static List<Token> tokens(String source) throws InvalidExpressionException {
        Lexer lexer = new Lexer(source);
        lexer.run();
        return lexer.tokens;
    }

    private void run() throws InvalidExpressionException {
        while (at < source.length()) {
            char c = source.charAt(at);
            if (c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f') {
                at++;
            } else if (source.startsWith("--", at)) {
                lineComment();
            } else if (source.startsWith("/*", at)) {
                blockComment();
            } else if (c == '\'') {
                text();
            } else if (isDigit(c) || (c == '.' && at + 1 < source.length() && isDigit(source.charAt(at + 1)))) {
                number();
            } else if (isNameStart(c)) {
                name();
            } else {
                symbol();
            }
        }
        tokens.add(new Token(Kind.END, "", source.length()));
    }

    private void lineComment() {
        while (at < source.length() && source.charAt(at) != '\n' && source.charAt(at) != '\r') {
            at++;
        }
    }

    private void blockComment() throws InvalidExpressionException {
        int end = source.indexOf("*/", at + 2);
        if (end < 0) {
            throw new InvalidExpressionException("the comment at character " + (at + 1) + " does not end");
        }
        at = end + 2;
    }

    private void text() throws InvalidExpressionException {
        int start = at;
        StringBuilder value = new StringBuilder();
        at++;
        while (at < source.length()) {
            char c = source.charAt(at++);
            if (c != '\'') {
                value.append(c);
            } else if (at < source.length() && source.charAt(at) == '\'') {
                value.append('\'');
                at++;
            } else {
                tokens.add(new Token(Kind.TEXT, value.toString(), start));
                return;
            }
        }
        throw new InvalidExpressionException("the text at character " + (start + 1) + " has no closing quote");
    }

    private void number() throws InvalidExpressionException {
        int start = at;
        digits();
        boolean fraction = at < source.length() && source.charAt(at) == '.';
        if (fraction) {
            at++;
            digits();
        }
        int exponent = exponentEnd();
        if (exponent > at) {
            at = exponent;
            fraction = true;
        }
        String image = source.substring(start, at);
        if (!fraction && at < source.length() && (source.charAt(at) == 'l' || source.charAt(at) == 'L')) {
            at++;
        }
        if (!fraction && image.length() > 1 && image.charAt(0) == '0') {
            throw new InvalidExpressionException("the number at character " + (start + 1) + " begins with 0");
        }
        tokens.add(new Token(fraction ? Kind.FRACTION : Kind.WHOLE, image, start));
    }

    private void digits() {
        while (at < source.length() && isDigit(source.charAt(at))) {
            at++;
        }
    }

    /** Where the exponent that begins here ends; here, where none begins. */
    private int exponentEnd() {
        if (at >= source.length() || (source.charAt(at) != 'e' && source.charAt(at) != 'E')) {
            return at;
        }
        int digit = at + 1;
        if (digit < source.length() && (source.charAt(digit) == '+' || source.charAt(digit) == '-')) {
            digit++;
        }
        int end = digit;
        while (end < source.length() && isDigit(source.charAt(end))) {
            end++;
        }
        return end > digit ? end : at;
    }

    private void name() {
        int start = at;
        while (at < source.length() && isNamePart(source.charAt(at))) {
            at++;
        }
        String name = source.substring(start, at);
        String upper = name.toUpperCase(Locale.ROOT);
        tokens.add(
                KEYWORDS.contains(upper) ? new Token(Kind.KEYWORD, upper, start) : new Token(Kind.NAME, name, start));
    }

    private void symbol() throws InvalidExpressionException {
        for (String symbol : List.of("<>", "<=", ">=", "<", ">", "=", "(", ")", ",", "+", "-")) {
            if (source.startsWith(symbol, at)) {
                tokens.add(new Token(Kind.SYMBOL, symbol, at));
                at += symbol.length();
                return;
            }
        }
        throw new InvalidExpressionException("nothing begins with the character " + (at + 1));
    }

    private static boolean isDigit(char c) {
        return c >= '0' && c <= '9';
    }

    private static boolean isNameStart(char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c == '$';
    }

    private static boolean isNamePart(char c) {
        return isNameStart(c) || isDigit(c);
    }
}
