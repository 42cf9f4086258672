package dev.tally.benchmarks.shop;

import dev.tally.benchmarks.figure.BenchmarkException;
import java.util.List;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.transaction.support.TransactionSynchronization;
import org.springframework.transaction.support.TransactionSynchronizationManager;

/** The business rows, within the current transaction. */
public final class ShopRows {

    /** Tables of the participants' effects; nothing but the shop keeps an effect from being there twice. */
    public static final List<String> EFFECTS = List.of("bench_reservation", "bench_bill", "bench_payment");

    /** What has to be there before the shop is started. */
    public static final List<String> TABLES = List.of(
            """
            CREATE TABLE bench_purchase (
                purchase_id BIGINT PRIMARY KEY,
                customer VARCHAR(50) NOT NULL,
                cents BIGINT NOT NULL,
                step INTEGER DEFAULT 0 NOT NULL,
                state VARCHAR(16) NOT NULL)""",
            "CREATE TABLE bench_reservation (purchase_id BIGINT NOT NULL)",
            "CREATE TABLE bench_bill (purchase_id BIGINT NOT NULL)",
            "CREATE TABLE bench_payment (purchase_id BIGINT NOT NULL)",
            "CREATE TABLE bench_called_off (purchase_id BIGINT NOT NULL)");

    private final JdbcTemplate jdbc;
    private final Progress progress;

    ShopRows(JdbcTemplate jdbc, Progress progress) {
        this.jdbc = jdbc;
        this.progress = progress;
    }

    void insert(Purchase purchase) {
        jdbc.update(
                "INSERT INTO bench_purchase (purchase_id, customer, cents, state) VALUES (?, ?, ?, 'NEW')",
                purchase.id(),
                purchase.customer(),
                purchase.cents());
    }

    /** The purchase ends with this transaction. */
    void confirm(long purchase) {
        one(purchase, jdbc.update("UPDATE bench_purchase SET state = 'CONFIRMED' WHERE purchase_id = ?", purchase));
        TransactionSynchronizationManager.registerSynchronization(new TransactionSynchronization() {
            @Override
            public void afterCommit() {
                progress.ended(purchase);
            }
        });
    }

    /** A step is done that was not done before. */
    void moveTo(long purchase, int step) {
        one(
                purchase,
                jdbc.update(
                        "UPDATE bench_purchase SET step = ? WHERE purchase_id = ? AND step = ?",
                        step,
                        purchase,
                        step - 1));
    }

    private static void one(long purchase, int rows) {
        if (rows != 1) {
            throw new BenchmarkException("Purchase " + purchase + " was to be changed; " + rows + " rows were");
        }
    }

    void reserve(long purchase) {
        jdbc.update("INSERT INTO bench_reservation (purchase_id) VALUES (?)", purchase);
    }

    void bill(long purchase) {
        jdbc.update("INSERT INTO bench_bill (purchase_id) VALUES (?)", purchase);
    }

    void charge(long purchase) {
        jdbc.update("INSERT INTO bench_payment (purchase_id) VALUES (?)", purchase);
    }

    void callOff(long purchase) {
        jdbc.update("INSERT INTO bench_called_off (purchase_id) VALUES (?)", purchase);
    }

    void release(long purchase) {
        jdbc.update("DELETE FROM bench_reservation WHERE purchase_id = ?", purchase);
    }

    void withdraw(long purchase) {
        jdbc.update("DELETE FROM bench_bill WHERE purchase_id = ?", purchase);
    }
}
