package dev.tally.broker.protocol;

import java.util.HashSet;
import java.util.Set;
import java.util.function.LongPredicate;
import org.jspecify.annotations.Nullable;

/**
 * Tag expressions: {@code *}, or tags separated by {@code ||}. The broker compares hashes only; the client compares the
 * tags themselves, so a hash that meets by chance is no wrong delivery.
 *
 * @since 0.1
 */
public final class TagFilter {

    private TagFilter() {}

    /** The hash by which a tag is filtered, 0 without a tag. */
    public static long hashOf(@Nullable String tags) {
        return tags == null || tags.isEmpty() ? 0 : tags.hashCode();
    }

    /** The filter of an expression. */
    public static LongPredicate of(String expression) {
        String trimmed = expression.trim();
        if (trimmed.isEmpty() || trimmed.equals("*")) {
            return hash -> true;
        }
        Set<Long> wanted = new HashSet<>();
        int start = 0;
        while (start <= trimmed.length()) {
            int end = trimmed.indexOf("||", start);
            String tag = (end < 0 ? trimmed.substring(start) : trimmed.substring(start, end)).trim();
            if (!tag.isEmpty()) {
                wanted.add(hashOf(tag));
            }
            start = end < 0 ? trimmed.length() + 1 : end + 2;
        }
        if (wanted.isEmpty()) {
            throw new MalformedCommandException("Tag expression '" + trimmed + "' names no tag");
        }
        return wanted::contains;
    }
}
