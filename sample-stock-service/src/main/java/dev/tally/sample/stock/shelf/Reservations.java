package dev.tally.sample.stock.shelf;

import java.util.List;
import org.springframework.data.domain.Limit;
import org.springframework.data.jpa.repository.JpaRepository;

/**
 * The stored reservations.
 *
 * @since 0.1
 */
public interface Reservations extends JpaRepository<Reservation, Long> {

    /** Reservations with a number above {@code after}, in the order of their numbers. */
    List<Reservation> findByIdGreaterThanOrderById(long after, Limit limit);

    /** All of an order. */
    List<Reservation> findByOrderId(String orderId);
}
