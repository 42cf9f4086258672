package dev.tally.outbox;

import dev.tally.message.Message;
import dev.tally.transport.SendOutcome;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BiPredicate;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Says what follows when a message could not be sent. Asked on the transport's threads: thread-safe and quick. Where it
 * throws, {@link #defaults()} are taken.
 *
 * @since 0.1
 */
@FunctionalInterface
public interface OutboxRetryRules {

    /** What follows. */
    enum Verdict {
        /** It is sent again after a wait, until its attempts are used up. */
        RETRY,
        /** It is sent again after a wait, for as long as it takes. Its key waits. */
        RETRY_UNCOUNTED,
        /** It is given up at once. */
        PARK
    }

    /**
     * What follows a failure. While the circuit is open because sends fail one after the other, retryable failures are the
     * broker's and not the message's: it is then sent again without asking.
     */
    Verdict verdict(Message message, SendOutcome.Failed failure);

    /** Retries what the transport calls retryable, and parks what it calls final. */
    static OutboxRetryRules defaults() {
        return (message, failure) -> failure.retryable() ? Verdict.RETRY : Verdict.PARK;
    }

    /** Begins rules that differ from the defaults for some failures. */
    static Builder builder() {
        return new Builder();
    }

    /** Collects rules; the first that fits counts. Not thread-safe. */
    final class Builder {

        private static final String REASON = "reason:";
        private static final int MOST_CAUSES = 32;

        private record Rule(BiPredicate<Message, SendOutcome.Failed> fits, Verdict verdict) {}

        private final List<Rule> rules = new ArrayList<>();

        private Builder() {}

        /** A rule for failures of some messages. */
        public Builder when(BiPredicate<Message, SendOutcome.Failed> fits, Verdict verdict) {
            rules.add(new Rule(fits, verdict));
            return this;
        }

        /** A rule for some failures. */
        public Builder when(Predicate<SendOutcome.Failed> fits, Verdict verdict) {
            return when((message, failure) -> fits.test(failure), verdict);
        }

        /** A rule for failures with an exception of this type, or with one among its causes. */
        public Builder when(Class<? extends Throwable> type, Verdict verdict) {
            return when(failure -> causes(failure.cause()).anyMatch(type::isInstance), verdict);
        }

        /**
         * A rule in words: the name of an exception type, its super-types and causes included, with its package; or, after
         * {@code reason:}, a regular expression to be found in the failure's reason.
         *
         * @throws java.util.regex.PatternSyntaxException if the expression is none
         */
        public Builder when(String words, Verdict verdict) {
            if (words.startsWith(REASON)) {
                Pattern pattern = Pattern.compile(words.substring(REASON.length()));
                return when(failure -> pattern.matcher(failure.reason()).find(), verdict);
            }
            String name = words.strip();
            return when(failure -> causes(failure.cause()).anyMatch(cause -> isNamed(cause.getClass(), name)), verdict);
        }

        private static Stream<Throwable> causes(@Nullable Throwable failure) {
            List<Throwable> causes = new ArrayList<>();
            Throwable each = failure;
            // A chain of causes may be a ring.
            while (each != null && causes.size() < MOST_CAUSES) {
                causes.add(each);
                each = each.getCause();
            }
            return causes.stream();
        }

        private static boolean isNamed(@Nullable Class<?> type, String name) {
            if (type == null) {
                return false;
            }
            if (type.getName().equals(name) || isNamed(type.getSuperclass(), name)) {
                return true;
            }
            for (Class<?> each : type.getInterfaces()) {
                if (isNamed(each, name)) {
                    return true;
                }
            }
            return false;
        }

        /** The rules; what none of them fits is left to {@link OutboxRetryRules#defaults()}. */
        public OutboxRetryRules build() {
            List<Rule> all = List.copyOf(rules);
            OutboxRetryRules defaults = defaults();
            return (message, failure) -> all.stream()
                    .filter(rule -> rule.fits().test(message, failure))
                    .findFirst()
                    .map(Rule::verdict)
                    .orElseGet(() -> defaults.verdict(message, failure));
        }
    }
}
