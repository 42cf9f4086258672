package dev.tally.sample.order.payments;

/**
 * A charge or a refund broke off. What it had written is taken back, and the saga tries it again.
 *
 * @since 0.1
 */
public class PaymentFailedException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    PaymentFailedException(Payment.Kind kind, String orderId, int attempt) {
        super("The " + kind + " for order " + orderId + " broke off at attempt " + attempt
                + ": the bank did not answer; nothing was kept of it");
    }
}
