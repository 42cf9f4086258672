package dev.tally.sample.order.payments;

import java.util.List;
import org.springframework.data.domain.Limit;
import org.springframework.data.jpa.repository.JpaRepository;

/**
 * The stored payments.
 *
 * @since 0.1
 */
public interface PaymentBook extends JpaRepository<Payment, Long> {

    /** All for an order, in the order of their numbers. */
    List<Payment> findByOrderIdOrderById(String orderId);

    /** Payments with a number above {@code after}, in the order of their numbers. */
    List<Payment> findByIdGreaterThanOrderById(long after, Limit limit);
}
