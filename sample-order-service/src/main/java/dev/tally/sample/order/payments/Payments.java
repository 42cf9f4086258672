package dev.tally.sample.order.payments;

import dev.tally.saga.RefusedException;
import dev.tally.saga.StepContext;
import dev.tally.saga.participant.SagaAction;
import dev.tally.saga.participant.SagaParticipant;
import java.math.BigDecimal;
import org.springframework.stereotype.Component;

/**
 * Charges for orders and pays back. A command and its answer are one transaction with what they write, so each takes
 * effect once, however often it comes; what is written before a refusal or a failure is taken back.
 *
 * @since 0.1
 */
@Component
@SagaParticipant("payments")
public class Payments {

    private final PaymentBook book;
    private final PaymentSettings settings;

    Payments(PaymentBook book, PaymentSettings settings) {
        this.book = book;
        this.settings = settings;
    }

    /** Charges for an order. */
    @SagaAction
    public void charge(PaymentCommand.Charge command, StepContext context) {
        pay(new Payment(command.orderId(), Payment.Kind.CHARGE, command.amount()), context);
    }

    /** Pays back what was charged: nothing for an order that was placed without a saga, which nobody has charged for. */
    @SagaAction
    public void refund(PaymentCommand.Refund command, StepContext context) {
        BigDecimal charged = book.findByOrderIdOrderById(command.orderId()).stream()
                .map(payment -> payment.kind() == Payment.Kind.CHARGE
                        ? payment.amount()
                        : payment.amount().negate())
                .reduce(BigDecimal.ZERO, BigDecimal::add);
        if (charged.signum() != 0) {
            pay(new Payment(command.orderId(), Payment.Kind.REFUND, charged), context);
        }
    }

    private void pay(Payment payment, StepContext context) {
        book.save(payment);
        if (settings.fails(payment.kind(), payment.orderId(), context.attempt())) {
            throw new PaymentFailedException(payment.kind(), payment.orderId(), context.attempt());
        }
        if (settings.refuses(payment.kind(), payment.orderId())) {
            String reason = "the bank refused the " + payment.kind().name().toLowerCase(java.util.Locale.ROOT);
            throw new RefusedException(reason, new PaymentCommand.Refusal(reason));
        }
    }
}
