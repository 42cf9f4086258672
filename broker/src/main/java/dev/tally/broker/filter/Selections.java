package dev.tally.broker.filter;

import dev.tally.broker.protocol.MalformedCommandException;
import dev.tally.broker.protocol.MessageEncoding;
import dev.tally.broker.protocol.Subscription;
import dev.tally.broker.protocol.TagFilter;
import java.nio.ByteBuffer;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What subscriptions select. SQL92 expressions that were used lately are kept compiled: a pull comes with the text of its
 * own each time. Thread-safe.
 *
 * @since 0.1
 */
public final class Selections {

    private static final int MOST_KEPT = 256;

    private final Map<String, SqlFilter> compiled = new LinkedHashMap<>(64, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, SqlFilter> eldest) {
            return size() > MOST_KEPT;
        }
    };

    /** Whether the broker filters by that type of expression. */
    public static boolean understands(Subscription subscription) {
        return subscription.byTag() || subscription.expressionType().equals(SqlFilter.TYPE);
    }

    /**
     * What a subscription selects.
     *
     * @throws InvalidExpressionException where its expression, or the type of it, is not understood
     */
    public Selection of(Subscription subscription) throws InvalidExpressionException {
        if (subscription.byTag()) {
            try {
                return new Selection(TagFilter.of(subscription.expression()), null);
            } catch (MalformedCommandException e) {
                throw new InvalidExpressionException(String.valueOf(e.getMessage()));
            }
        }
        if (!understands(subscription)) {
            throw new InvalidExpressionException("filters are of type TAG or SQL92");
        }
        SqlFilter filter = sql(subscription.expression());
        return new Selection(hash -> true, payload -> matches(filter, payload));
    }

    private static boolean matches(SqlFilter filter, ByteBuffer payload) {
        return filter.matches(MessageEncoding.properties(payload)::get);
    }

    private SqlFilter sql(String expression) throws InvalidExpressionException {
        synchronized (compiled) {
            SqlFilter known = compiled.get(expression);
            if (known != null) {
                return known;
            }
        }
        SqlFilter filter = SqlFilter.compile(expression);
        synchronized (compiled) {
            compiled.put(expression, filter);
        }
        return filter;
    }
}
