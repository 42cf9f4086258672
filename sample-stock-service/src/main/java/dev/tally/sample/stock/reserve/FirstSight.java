package dev.tally.sample.stock.reserve;

import dev.tally.sample.stock.shelf.Shelf;
import dev.tally.sample.stock.shelf.StockItem;
import java.util.Collection;
import java.util.List;
import java.util.TreeSet;
import org.springframework.dao.DataIntegrityViolationException;
import org.springframework.stereotype.Component;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.TransactionDefinition;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * Puts products on the shelf that are asked for the first time.
 *
 * <p>In a short transaction of its own: in the order's, two orders with the same new product would wait for each other's
 * end, and one of them would have to start over. It is no part of the order's effect either.
 */
@Component
class FirstSight {

    private final Shelf shelf;
    private final StockSettings settings;
    private final TransactionTemplate ownTransaction;

    FirstSight(Shelf shelf, StockSettings settings, PlatformTransactionManager transactions) {
        this.shelf = shelf;
        this.settings = settings;
        this.ownTransaction = new TransactionTemplate(transactions);
        this.ownTransaction.setPropagationBehavior(TransactionDefinition.PROPAGATION_REQUIRES_NEW);
    }

    /** Makes sure that each of {@code skus} is on the shelf. */
    void shelve(Collection<String> skus) {
        TreeSet<String> missing = new TreeSet<>(skus);
        missing.removeAll(shelf.known(skus));
        // A round fails only when somebody else has just shelved one of them, so there are fewer in the next.
        while (!missing.isEmpty()) {
            try {
                ownTransaction.executeWithoutResult(status -> shelf.saveAllAndFlush(newItems(missing)));
                return;
            } catch (DataIntegrityViolationException shelvedMeanwhile) {
                missing.removeAll(ownTransaction.execute(status -> shelf.known(missing)));
            }
        }
    }

    private List<StockItem> newItems(Collection<String> skus) {
        return skus.stream().map(sku -> new StockItem(sku, settings.initial())).toList();
    }
}
