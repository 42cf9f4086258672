package dev.tally.sample.stock.shelf;

import jakarta.persistence.LockModeType;
import java.util.Collection;
import java.util.List;
import org.springframework.data.domain.Limit;
import org.springframework.data.jpa.repository.JpaRepository;
import org.springframework.data.jpa.repository.Lock;
import org.springframework.data.jpa.repository.Query;

/**
 * The stored stock.
 *
 * @since 0.1
 */
public interface Shelf extends JpaRepository<StockItem, String> {

    /** Locks these items until the transaction ends; in the order of their codes, so that two orders do not cross. */
    @Lock(LockModeType.PESSIMISTIC_WRITE)
    @Query("select i from StockItem i where i.sku in :skus order by i.sku")
    List<StockItem> lock(Collection<String> skus);

    /** Which of these codes are there. */
    @Query("select i.sku from StockItem i where i.sku in :skus")
    List<String> known(Collection<String> skus);

    /** Items with a code above {@code after}, in the order of their codes. */
    List<StockItem> findBySkuGreaterThanOrderBySku(String after, Limit limit);
}
