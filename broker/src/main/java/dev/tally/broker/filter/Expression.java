package dev.tally.broker.filter;

import org.jspecify.annotations.Nullable;

/** A part of a filter that has a value: a text, a {@link Long}, a {@link Double}, a {@link Boolean}, or nothing. */
interface Expression {

    /**
     * The value for one message.
     *
     * @throws NotComparableException where the message's values do not fit the expression
     */
    @Nullable Object value(Properties properties);

    /** A number or a text that is written in the expression. */
    record Constant(Object constant) implements Expression {
        @Override
        public Object value(Properties properties) {
            return constant;
        }

        @Override
        public String toString() {
            return constant instanceof String text ? "'" + text + "'" : constant.toString();
        }
    }

    /** A property of the message; always a text. */
    record Property(String name) implements Expression {
        @Override
        public @Nullable String value(Properties properties) {
            return properties.get(name);
        }

        @Override
        public String toString() {
            return name;
        }
    }

    /** A number with the other sign; of anything else nothing. */
    record Negative(Expression number) implements Expression {
        @Override
        public @Nullable Object value(Properties properties) {
            Object value = number.value(properties);
            if (value instanceof Long whole) {
                return -whole;
            }
            return value instanceof Double fraction ? -fraction : null;
        }

        @Override
        public String toString() {
            return "-" + number;
        }
    }
}
