package dev.tally.consume.deadletter;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Why a message could not be handled.
 *
 * @param reason for people; at most {@value #LONGEST_REASON} characters are kept
 * @param exception the class of the exception at the root, {@code null} if there was none
 * @param stack the head of its stack, the root first; at most {@value #LONGEST_STACK} characters are kept
 * @since 0.1
 */
public record DeadLetterFailure(
        String reason, @Nullable String exception, @Nullable String stack) {

    /** In characters. */
    public static final int LONGEST_REASON = 1_000;

    /** In characters. */
    public static final int LONGEST_STACK = 4_000;

    private static final int LONGEST_EXCEPTION = 255;
    private static final int FRAMES_OF_THE_ROOT = 20;
    private static final int FRAMES_OF_OTHERS = 3;

    /** Shortens what is too long. */
    public DeadLetterFailure {
        reason = head(reason, LONGEST_REASON);
        exception = exception == null ? null : head(exception, LONGEST_EXCEPTION);
        stack = stack == null ? null : head(stack, LONGEST_STACK);
    }

    /** A failure with an exception, or without one. */
    public static DeadLetterFailure of(String reason, @Nullable Throwable failure) {
        if (failure == null) {
            return new DeadLetterFailure(reason, null, null);
        }
        Deque<Throwable> rootFirst = causes(failure);
        StringBuilder stack = new StringBuilder();
        for (Throwable each : rootFirst) {
            boolean root = stack.isEmpty();
            stack.append(root ? "" : "behind ").append(each).append('\n');
            frames(stack, each, root ? FRAMES_OF_THE_ROOT : FRAMES_OF_OTHERS);
        }
        return new DeadLetterFailure(reason, rootFirst.element().getClass().getName(), stack.toString());
    }

    private static Deque<Throwable> causes(Throwable failure) {
        Deque<Throwable> rootFirst = new ArrayDeque<>();
        Set<Throwable> seen = new HashSet<>();
        for (@Nullable Throwable each = failure; each != null && seen.add(each); each = each.getCause()) {
            rootFirst.push(each);
        }
        return rootFirst;
    }

    private static void frames(StringBuilder stack, Throwable of, int most) {
        StackTraceElement[] frames = of.getStackTrace();
        for (int i = 0; i < Math.min(most, frames.length); i++) {
            stack.append("  at ").append(frames[i]).append('\n');
        }
        if (frames.length > most) {
            stack.append("  and ").append(frames.length - most).append(" more\n");
        }
    }

    private static String head(String text, int most) {
        if (text.length() <= most) {
            return text;
        }
        int end = Character.isHighSurrogate(text.charAt(most - 1)) ? most - 1 : most;
        return text.substring(0, end);
    }
}
