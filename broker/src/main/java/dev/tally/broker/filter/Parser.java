package dev.tally.broker.filter;

import dev.tally.broker.filter.Condition.Order;
import dev.tally.broker.filter.Condition.Place;
import dev.tally.broker.filter.Token.Kind;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Reads an expression:
 *
 * <pre>
 * or         = and { OR and }
 * and        = equality { AND equality }
 * equality   = comparison { ("=" | "&lt;&gt;") comparison | IS [NOT] NULL }
 * comparison = unary { ("&lt;" | "&lt;=" | "&gt;" | "&gt;=") unary
 *              | [NOT] BETWEEN unary AND unary | [NOT] IN "(" text { "," text } ")"
 *              | [NOT] (CONTAINS | STARTSWITH | ENDSWITH) text }
 * unary      = ("+" | "-" | NOT) unary | text | number | TRUE | FALSE | NULL | name | "(" or ")"
 * </pre>
 */
final class Parser {

    /** Deeper ones would need more stack than a reader has; lists of AND and OR do not count. */
    private static final int MAX_DEPTH = 200;

    private final List<Token> tokens;
    private int next;
    private int depth;

    Parser(List<Token> tokens) {
        this.tokens = tokens;
    }

    Condition parse() throws InvalidExpressionException {
        Condition condition = condition(or());
        if (peek().kind() != Kind.END) {
            throw unexpected("the end");
        }
        return condition;
    }

    private Expression or() throws InvalidExpressionException {
        Expression first = and();
        if (!peek().is("OR")) {
            return first;
        }
        List<Condition> conditions = new ArrayList<>();
        conditions.add(condition(first));
        while (take("OR")) {
            conditions.add(condition(and()));
        }
        return new Condition.Any(conditions);
    }

    private Expression and() throws InvalidExpressionException {
        Expression first = equality();
        if (!peek().is("AND")) {
            return first;
        }
        List<Condition> conditions = new ArrayList<>();
        conditions.add(condition(first));
        while (take("AND")) {
            conditions.add(condition(equality()));
        }
        return new Condition.All(conditions);
    }

    private Expression equality() throws InvalidExpressionException {
        Expression left = comparison();
        int outer = depth;
        while (true) {
            if (take("=")) {
                left = equal(left, comparison());
            } else if (take("<>")) {
                left = new Condition.Not(equal(left, comparison()));
            } else if (take("IS")) {
                boolean not = take("NOT");
                require("NULL");
                left = not ? new Condition.Not(new Condition.IsNull(left)) : new Condition.IsNull(left);
            } else {
                depth = outer;
                return left;
            }
            deeper();
        }
    }

    private Expression comparison() throws InvalidExpressionException {
        Expression left = unary();
        int outer = depth;
        while (true) {
            Order order = order();
            if (order != null) {
                left = compared(left, order, unary());
            } else {
                boolean not = peek().is("NOT");
                Condition tested = tested(left, not);
                if (tested == null) {
                    depth = outer;
                    return left;
                }
                left = tested;
            }
            deeper();
        }
    }

    private @Nullable Order order() {
        if (take("<")) {
            return Order.LESS;
        }
        if (take("<=")) {
            return Order.AT_MOST;
        }
        if (take(">")) {
            return Order.GREATER;
        }
        return take(">=") ? Order.AT_LEAST : null;
    }

    /** What begins with a word, maybe behind NOT; {@code null} where nothing of that stands here. */
    private @Nullable Condition tested(Expression left, boolean not) throws InvalidExpressionException {
        Token word = not ? tokens.get(Math.min(next + 1, tokens.size() - 1)) : peek();
        if (word.kind() != Kind.KEYWORD) {
            return null;
        }
        switch (word.text()) {
            case "BETWEEN", "IN", "CONTAINS", "STARTSWITH", "ENDSWITH" -> next += not ? 2 : 1;
            default -> {
                return null;
            }
        }
        return switch (word.text()) {
            case "BETWEEN" -> between(left, not);
            case "IN" -> in(left, not);
            case "CONTAINS" -> new Condition.TextMatch(left, Place.ANYWHERE, text(), !not);
            case "STARTSWITH" -> new Condition.TextMatch(left, Place.START, text(), !not);
            default -> new Condition.TextMatch(left, Place.END, text(), !not);
        };
    }

    private Condition between(Expression value, boolean not) throws InvalidExpressionException {
        int at = peek().at();
        Expression low = unary();
        require("AND");
        Expression high = unary();
        if (low instanceof Expression.Constant lowest
                && high instanceof Expression.Constant highest
                && lowest.constant() instanceof Number
                && highest.constant() instanceof Number
                && Values.compare(lowest.constant(), highest.constant()) > 0) {
            throw new InvalidExpressionException(
                    "BETWEEN at character " + (at + 1) + " begins with " + low + " and ends with less, " + high);
        }
        return not
                ? new Condition.Any(List.of(compared(value, Order.LESS, low), compared(value, Order.GREATER, high)))
                : new Condition.All(
                        List.of(compared(value, Order.AT_LEAST, low), compared(value, Order.AT_MOST, high)));
    }

    private Condition in(Expression left, boolean not) throws InvalidExpressionException {
        if (!(left instanceof Expression.Property property)) {
            throw new InvalidExpressionException("IN takes a property, not " + left);
        }
        Set<String> texts = new HashSet<>();
        require("(");
        do {
            texts.add(text());
        } while (take(","));
        require(")");
        Condition in = new Condition.In(property, texts);
        return not ? new Condition.Not(in) : in;
    }

    private Expression unary() throws InvalidExpressionException {
        deeper();
        Expression expression;
        if (take("+")) {
            expression = unary();
        } else if (take("-")) {
            expression = negative();
        } else if (take("NOT")) {
            expression = new Condition.Not(condition(unary()));
        } else {
            expression = primary();
        }
        depth--;
        return expression;
    }

    private Expression negative() throws InvalidExpressionException {
        Token number = peek();
        if (number.kind() == Kind.WHOLE) {
            next++;
            // With its sign, for the one whole number that is none without it.
            return new Expression.Constant(whole("-" + number.text(), number));
        }
        return new Expression.Negative(unary());
    }

    private Expression primary() throws InvalidExpressionException {
        Token token = peek();
        next++;
        switch (token.kind()) {
            case TEXT -> {
                return new Expression.Constant(token.text());
            }
            case WHOLE -> {
                return new Expression.Constant(whole(token.text(), token));
            }
            case FRACTION -> {
                return new Expression.Constant(fraction(token));
            }
            case NAME -> {
                return new Expression.Property(token.text());
            }
            default -> {
                if (token.is("TRUE") || token.is("FALSE")) {
                    return new Condition.Literal(Truth.of(token.is("TRUE")));
                }
                if (token.is("NULL")) {
                    return new Condition.Literal(Truth.UNKNOWN);
                }
                if (token.is("(")) {
                    Expression inner = or();
                    require(")");
                    return inner;
                }
                next--;
                throw unexpected("a property, a text, a number or a bracket");
            }
        }
    }

    private static Long whole(String image, Token token) throws InvalidExpressionException {
        try {
            return Long.valueOf(image);
        } catch (NumberFormatException e) {
            throw new InvalidExpressionException("the number at character " + (token.at() + 1) + " is out of range");
        }
    }

    private static Double fraction(Token token) throws InvalidExpressionException {
        double value = Double.parseDouble(token.text());
        if (Double.isInfinite(value)) {
            throw new InvalidExpressionException("the number at character " + (token.at() + 1) + " is out of range");
        }
        return value;
    }

    private static Condition condition(Expression expression) throws InvalidExpressionException {
        if (expression instanceof Condition condition) {
            return condition;
        }
        if (expression instanceof Expression.Property property) {
            return new Condition.Flag(property);
        }
        throw new InvalidExpressionException(expression + " stands where a condition must");
    }

    private static Condition equal(Expression left, Expression right) throws InvalidExpressionException {
        for (Expression side : List.of(left, right)) {
            if (side instanceof Condition.Literal literal && literal.truth() == Truth.UNKNOWN) {
                throw new InvalidExpressionException(
                        "NULL cannot be compared; IS NULL asks whether something is absent");
            }
        }
        if (left instanceof Condition.Literal && right instanceof Expression.Constant) {
            throw new InvalidExpressionException(left + " cannot be compared with " + right);
        }
        return new Condition.Equal(left, right);
    }

    private static Condition compared(Expression left, Order order, Expression right)
            throws InvalidExpressionException {
        for (Expression side : List.of(left, right)) {
            boolean text = side instanceof Expression.Constant constant && constant.constant() instanceof String;
            if (text || side instanceof Condition) {
                throw new InvalidExpressionException(
                        (text ? side : "a condition") + " is no number: only numbers have an order");
            }
        }
        return new Condition.Compared(left, order, right);
    }

    private String text() throws InvalidExpressionException {
        Token token = peek();
        if (token.kind() != Kind.TEXT) {
            throw unexpected("a text in quotes");
        }
        next++;
        return token.text();
    }

    private Token peek() {
        return tokens.get(next);
    }

    private boolean take(String keywordOrSymbol) {
        if (peek().is(keywordOrSymbol)) {
            next++;
            return true;
        }
        return false;
    }

    private void require(String keywordOrSymbol) throws InvalidExpressionException {
        if (!take(keywordOrSymbol)) {
            throw unexpected(keywordOrSymbol);
        }
    }

    private void deeper() throws InvalidExpressionException {
        if (++depth > MAX_DEPTH) {
            throw new InvalidExpressionException("it is nested more than " + MAX_DEPTH + " deep");
        }
    }

    private InvalidExpressionException unexpected(String wanted) {
        Token found = peek();
        return new InvalidExpressionException(
                found + " stands at character " + (found.at() + 1) + " where " + wanted + " must");
    }
}
