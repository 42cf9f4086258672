package dev.tally.broker.filter;

import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** A part of a filter that holds, does not hold, or is unknown. */
interface Condition extends Expression {

    /**
     * What it comes to for one message.
     *
     * @throws NotComparableException where the message's values do not fit the condition
     */
    Truth test(Properties properties);

    @Override
    default @Nullable Object value(Properties properties) {
        return switch (test(properties)) {
            case TRUE -> true;
            case FALSE -> false;
            case UNKNOWN -> null;
        };
    }

    /** TRUE, FALSE or NULL. */
    record Literal(Truth truth) implements Condition {
        @Override
        public Truth test(Properties properties) {
            return truth;
        }

        @Override
        public String toString() {
            return truth == Truth.UNKNOWN ? "NULL" : truth.name();
        }
    }

    /** A property in the place of a condition. Properties are texts, so it never holds. */
    record Flag(Property property) implements Condition {
        @Override
        public Truth test(Properties properties) {
            return property.value(properties) == null ? Truth.UNKNOWN : Truth.FALSE;
        }

        @Override
        public String toString() {
            return property.toString();
        }
    }

    /** The opposite. */
    record Not(Condition condition) implements Condition {
        @Override
        public Truth test(Properties properties) {
            return condition.test(properties).negated();
        }
    }

    /** All of them; the first that does not hold decides, and those behind it are not looked at. */
    record All(List<Condition> conditions) implements Condition {
        @Override
        public Truth test(Properties properties) {
            Truth result = Truth.TRUE;
            for (Condition condition : conditions) {
                Truth truth = condition.test(properties);
                if (truth == Truth.FALSE) {
                    return Truth.FALSE;
                }
                result = truth == Truth.UNKNOWN ? Truth.UNKNOWN : result;
            }
            return result;
        }
    }

    /** Any of them; the first that holds decides, and those behind it are not looked at. */
    record Any(List<Condition> conditions) implements Condition {
        @Override
        public Truth test(Properties properties) {
            Truth result = Truth.FALSE;
            for (Condition condition : conditions) {
                Truth truth = condition.test(properties);
                if (truth == Truth.TRUE) {
                    return Truth.TRUE;
                }
                result = truth == Truth.UNKNOWN ? Truth.UNKNOWN : result;
            }
            return result;
        }
    }

    /** Whether a value is absent. */
    record IsNull(Expression expression) implements Condition {
        @Override
        public Truth test(Properties properties) {
            return Truth.of(expression.value(properties) == null);
        }
    }

    /** Equal values. Two absent ones are equal, one that only the right side lacks is different, as in RocketMQ. */
    record Equal(Expression left, Expression right) implements Condition {
        @Override
        public Truth test(Properties properties) {
            Object leftValue = left.value(properties);
            Object rightValue = right.value(properties);
            if (leftValue == null) {
                return rightValue == null ? Truth.TRUE : Truth.UNKNOWN;
            }
            return rightValue == null ? Truth.FALSE : Truth.of(Values.equal(leftValue, rightValue));
        }
    }

    /** A comparison of numbers. */
    record Compared(Expression left, Order order, Expression right) implements Condition {
        @Override
        public Truth test(Properties properties) {
            Object leftValue = left.value(properties);
            Object rightValue = leftValue == null ? null : right.value(properties);
            if (leftValue == null || rightValue == null) {
                return Truth.UNKNOWN;
            }
            return Truth.of(order.holds(Values.compare(leftValue, rightValue)));
        }
    }

    /** What a comparison asks for. */
    enum Order {
        LESS,
        AT_MOST,
        GREATER,
        AT_LEAST;

        boolean holds(int comparison) {
            return switch (this) {
                case LESS -> comparison < 0;
                case AT_MOST -> comparison <= 0;
                case GREATER -> comparison > 0;
                case AT_LEAST -> comparison >= 0;
            };
        }
    }

    /** Whether a property is one of some texts. */
    record In(Property property, Set<String> texts) implements Condition {
        @Override
        public Truth test(Properties properties) {
            String value = property.value(properties);
            return value == null ? Truth.UNKNOWN : Truth.of(texts.contains(value));
        }
    }

    /** Whether a text holds another one; never of what is absent or no text, and never for an empty one. */
    record TextMatch(Expression expression, Place place, String searched, boolean wanted) implements Condition {
        @Override
        public Truth test(Properties properties) {
            return searched.isEmpty() || !(expression.value(properties) instanceof String text)
                    ? Truth.FALSE
                    : Truth.of(place.has(text, searched) == wanted);
        }
    }

    /** Where a text is to be found. */
    enum Place {
        ANYWHERE,
        START,
        END;

        boolean has(String text, String searched) {
            return switch (this) {
                case ANYWHERE -> text.contains(searched);
                case START -> text.startsWith(searched);
                case END -> text.endsWith(searched);
            };
        }
    }
}
