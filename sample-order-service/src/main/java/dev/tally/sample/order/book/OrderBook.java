package dev.tally.sample.order.book;

import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.springframework.data.domain.Limit;
import org.springframework.data.jpa.repository.JpaRepository;
import org.springframework.data.jpa.repository.Query;

/**
 * The stored orders.
 *
 * @since 0.1
 */
public interface OrderBook extends JpaRepository<Order, String> {

    /**
     * Orders with an id above {@code after}, in the order of their ids.
     *
     * @param status only these, or {@code null} for all
     */
    @Query(
            "select o from Order o where o.orderId > :after and (:status is null or o.status = :status) order by o.orderId")
    List<Order> findAfter(String after, @Nullable OrderStatus status, Limit limit);

    /** Where an order stands now, whatever this transaction has read of it before. */
    @Query("select o.status from Order o where o.orderId = :orderId")
    Optional<OrderStatus> statusOf(String orderId);
}
