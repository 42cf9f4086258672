package dev.tally.sample.order.web;

import dev.tally.sample.order.payments.Payment;
import java.math.BigDecimal;

/** A payment as clients see it. */
record PaymentView(String orderId, Payment.Kind kind, BigDecimal amount) {

    static PaymentView of(Payment payment) {
        return new PaymentView(payment.orderId(), payment.kind(), payment.amount());
    }
}
