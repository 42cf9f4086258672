package dev.tally.sample.order.payments;

import java.util.stream.IntStream;

/** Finds orders by what their payments meet. */
public final class SlowPayments {

    private SlowPayments() {}

    /** An order whose charge is not refused, and fails {@code times} times before it succeeds. */
    public static String order(String prefix, double refusalRate, double failureRate, int times) {
        PaymentSettings settings = new PaymentSettings(refusalRate, failureRate);
        return IntStream.iterate(0, i -> i + 1)
                .mapToObj(i -> prefix + i)
                .filter(id -> !settings.refuses(Payment.Kind.CHARGE, id)
                        && !settings.refuses(Payment.Kind.REFUND, id)
                        && !settings.fails(Payment.Kind.CHARGE, id, times + 1)
                        && IntStream.rangeClosed(1, times)
                                .allMatch(attempt -> settings.fails(Payment.Kind.CHARGE, id, attempt)))
                .findFirst()
                .orElseThrow();
    }
}
