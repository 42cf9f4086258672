package dev.tally.benchmarks.shop;

import dev.tally.saga.Sagas;
import org.springframework.transaction.support.TransactionTemplate;

/** Starts sagas. Thread-safe. */
final class SagaStarter {

    private final Sagas sagas;
    private final TransactionTemplate transactions;

    SagaStarter(Sagas sagas, TransactionTemplate transactions) {
        this.sagas = sagas;
        this.transactions = transactions;
    }

    /** Starts one together with other work, in a transaction of its own; answers its id. */
    String start(String definition, Purchase purchase, Runnable with) {
        return transactions.execute(status -> {
            with.run();
            return sagas.start(definition, Long.toString(purchase.id()), purchase)
                    .id();
        });
    }
}
