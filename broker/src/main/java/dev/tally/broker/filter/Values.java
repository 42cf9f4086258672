package dev.tally.broker.filter;

import org.jspecify.annotations.Nullable;

/** Compares values. A property is a text; next to a number it is read as one, next to TRUE or FALSE as a truth value. */
final class Values {

    private Values() {}

    static boolean equal(Object left, Object right) {
        if (left instanceof String && right instanceof String) {
            return left.equals(right);
        }
        if (left instanceof Boolean || right instanceof Boolean) {
            Boolean leftTruth = truth(left);
            return leftTruth != null && leftTruth.equals(truth(right));
        }
        return compare(left, right) == 0;
    }

    private static @Nullable Boolean truth(Object value) {
        if (value instanceof String text) {
            return Boolean.parseBoolean(text);
        }
        return value instanceof Boolean truth ? truth : null;
    }

    /** Compares numbers, and texts that are numbers. */
    static int compare(Object left, Object right) {
        Number leftNumber = number(left);
        Number rightNumber = number(right);
        return leftNumber instanceof Long leftWhole && rightNumber instanceof Long rightWhole
                ? Long.compare(leftWhole, rightWhole)
                : Double.compare(leftNumber.doubleValue(), rightNumber.doubleValue());
    }

    private static Number number(Object value) {
        if (value instanceof Number number) {
            return number;
        }
        if (!(value instanceof String text)) {
            throw new NotComparableException("A truth value cannot be compared with a number");
        }
        Long whole = whole(text);
        if (whole != null) {
            return whole;
        }
        try {
            return Double.valueOf(text);
        } catch (NumberFormatException e) {
            throw new NotComparableException("A property that is no number cannot be compared with one");
        }
    }

    /** Exceptions are no way to tell fractions from whole numbers: there may be one a message. */
    private static @Nullable Long whole(String text) {
        int start = !text.isEmpty() && (text.charAt(0) == '-' || text.charAt(0) == '+') ? 1 : 0;
        if (text.length() == start || text.length() - start > 18) {
            return null;
        }
        for (int i = start; i < text.length(); i++) {
            if (text.charAt(i) < '0' || text.charAt(i) > '9') {
                return null;
            }
        }
        return Long.valueOf(text);
    }
}
