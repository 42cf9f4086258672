package dev.tally.broker.filter;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A compiled SQL92 expression. A message matches where the condition holds; where it is unknown, because a property is
 * absent, or cannot be evaluated, because a property is no number, it does not. Immutable.
 *
 * @since 0.1
 */
public final class SqlFilter {

    /** The type of expression that clients name. */
    public static final String TYPE = "SQL92";

    private static final Logger log = LoggerFactory.getLogger(SqlFilter.class);
    private static final int MAX_LENGTH = 16 * 1024;

    private final Condition condition;

    private SqlFilter(Condition condition) {
        this.condition = condition;
    }

    /**
     * Compiles an expression.
     *
     * @throws InvalidExpressionException where it cannot be understood
     */
    public static SqlFilter compile(String expression) throws InvalidExpressionException {
        if (expression.length() > MAX_LENGTH) {
            throw new InvalidExpressionException(
                    "it has " + expression.length() + " characters; at most " + MAX_LENGTH + " are allowed");
        }
        return new SqlFilter(new Parser(Lexer.tokens(expression)).parse());
    }

    /** Whether a message is wanted. */
    public boolean matches(Properties properties) {
        try {
            return condition.test(properties) == Truth.TRUE;
        } catch (NotComparableException e) {
            log.debug("A message does not match: {}", e.getMessage());
            return false;
        }
    }
}
