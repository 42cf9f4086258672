package dev.tally.transport.wire;

import dev.tally.transport.TransportException;
import java.util.Arrays;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * A subscription's tags, for transports whose broker does not filter by them: what does not match is acknowledged without
 * being handled. Immutable.
 *
 * @since 0.1
 */
public final class TagExpression {

    private final String expression;
    private final Set<String> tags;

    private TagExpression(String expression, Set<String> tags) {
        this.expression = expression;
        this.tags = tags;
    }

    /**
     * Reads an expression.
     *
     * @param expression {@code *} or nothing for all, {@code a || b} for some
     * @throws TransportException if a tag in it is blank
     */
    public static TagExpression of(String expression) {
        if (expression.isBlank() || expression.strip().equals("*")) {
            return new TagExpression(expression, Set.of());
        }
        Set<String> tags =
                Arrays.stream(expression.split("\\|\\|", -1)).map(String::strip).collect(Collectors.toSet());
        if (tags.contains("")) {
            throw new TransportException("Cannot subscribe to tags '" + expression
                    + "': one of them is blank; '*' is all, 'a || b' are some");
        }
        return new TagExpression(expression, tags);
    }

    /** Whether a message with this tag, or without one, is wanted. */
    public boolean matches(@Nullable String tag) {
        return tags.isEmpty() || (tag != null && tags.contains(tag));
    }

    /** Whether all messages are wanted. */
    public boolean matchesAll() {
        return tags.isEmpty();
    }

    @Override
    public String toString() {
        return expression;
    }
}
