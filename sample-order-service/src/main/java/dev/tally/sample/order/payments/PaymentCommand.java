package dev.tally.sample.order.payments;

import dev.tally.message.MessageType;
import java.math.BigDecimal;

/**
 * What the payments are told to do.
 *
 * @since 0.1
 */
public interface PaymentCommand {

    /**
     * Charge for an order, or refuse.
     *
     * @param amount its price
     */
    @MessageType("charge-payment")
    record Charge(String orderId, BigDecimal amount) implements PaymentCommand {}

    /** Pay back what was charged for an order, or refuse. */
    @MessageType("refund-payment")
    record Refund(String orderId) implements PaymentCommand {}

    /**
     * Why nothing was charged or paid back.
     *
     * @param reason for people
     */
    @MessageType("payment-refused")
    record Refusal(String reason) {}
}
