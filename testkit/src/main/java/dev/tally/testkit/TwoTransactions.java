package dev.tally.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.awaitility.Awaitility;
import org.springframework.dao.ConcurrencyFailureException;
import org.springframework.jdbc.support.JdbcTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;

/** Transactions in this thread and in others, which may have to wait for one another. Thread-safe. */
final class TwoTransactions implements AutoCloseable {

    private final ExecutorService others = Executors.newCachedThreadPool();
    private final JdbcTransactionManager transactions;

    TwoTransactions(TestDatabase database) {
        transactions = new JdbcTransactionManager(database.dataSource());
    }

    /** Threads of its own, as many as are needed: the common pool may have a single one. */
    ExecutorService threads() {
        return others;
    }

    JdbcTransactionManager manager() {
        return transactions;
    }

    TransactionTemplate template() {
        return new TransactionTemplate(transactions);
    }

    <T> T in(Supplier<T> work) {
        return Objects.requireNonNull(template().execute(status -> work.get()));
    }

    void run(Runnable work) {
        template().executeWithoutResult(status -> work.run());
    }

    /** Done in another thread, in a transaction of its own, while this thread's goes on. */
    <T> CompletableFuture<T> inAnother(Supplier<T> work) {
        return CompletableFuture.supplyAsync(() -> in(work), others);
    }

    /** As {@link #inAnother}, as often as it takes while the database gives it up in favour of another one. */
    <T> CompletableFuture<T> persistentlyInAnother(Supplier<T> work) {
        return CompletableFuture.supplyAsync(
                () -> {
                    while (true) {
                        try {
                            return in(work);
                        } catch (ConcurrencyFailureException e) {
                            assertThat(Thread.currentThread().isInterrupted()).isFalse();
                        }
                    }
                },
                others);
    }

    /** The same, which has to wait for this thread's transaction. */
    <T> CompletableFuture<T> waitingInAnother(Supplier<T> work) {
        CountDownLatch begun = new CountDownLatch(1);
        CompletableFuture<T> result = inAnother(() -> {
            begun.countDown();
            return work.get();
        });
        try {
            assertThat(begun.await(60, TimeUnit.SECONDS)).isTrue();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
        Awaitility.await().during(Duration.ofMillis(100)).until(() -> !result.isDone());
        return result;
    }

    static <T> T get(CompletableFuture<T> result) {
        try {
            return result.get(60, TimeUnit.SECONDS);
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }

    @Override
    public void close() {
        others.shutdownNow();
    }
}
