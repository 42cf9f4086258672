package dev.tally.testkit.saga;

import dev.tally.retry.Backoff;
import dev.tally.saga.definition.RetryPolicy;
import dev.tally.saga.definition.SagaDefinition;
import dev.tally.saga.jdbc.JdbcSagaLocks;
import dev.tally.saga.jdbc.JdbcSagaStore;
import dev.tally.saga.message.ReplyOutcome;
import dev.tally.saga.store.SagaStore;
import dev.tally.testkit.TestDatabase;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.support.JdbcTransactionManager;

/** A database, an orchestrator and some definitions, for suites about what happens to sagas. */
abstract class SagaSuite {

    static final RetryPolicy TWICE =
            new RetryPolicy(2, new Backoff(Duration.ofSeconds(1), Duration.ofSeconds(1), 1, 0));
    static final Duration MORE_THAN_ANY_WAIT = Duration.ofMinutes(10);

    final ExecutorService threads = Executors.newFixedThreadPool(2);
    TestDatabase database;
    private JdbcTransactionManager transactions;
    SagaWorld world;

    /** An empty database with Tally's tables. */
    protected abstract TestDatabase createDatabase();

    /** Creates the suite; the database is opened before each test. */
    @SuppressWarnings("NullAway.Init") // JUnit calls open() before each test.
    SagaSuite() {}

    /** What a trip is. */
    public record Trip(
            String id,
            int price,
            @Nullable String seat,
            @Nullable String room,
            @Nullable String receipt) {

        static Trip of(String id) {
            return new Trip(id, 100, null, null, null);
        }

        Trip seat(String newSeat) {
            return new Trip(id, price, newSeat, room, receipt);
        }

        Trip room(String newRoom) {
            return new Trip(id, price, seat, newRoom, receipt);
        }

        Trip receipt(String newReceipt) {
            return new Trip(id, price, seat, room, newReceipt);
        }
    }

    /** A command. */
    public record Book(String trip, String what) {}

    /** Takes a command back. */
    public record Cancel(String trip, @Nullable String what) {}

    /** An answer. */
    public record Booked(String number) {}

    @BeforeEach
    void open() {
        database = createDatabase();
        transactions = new JdbcTransactionManager(database.dataSource());
        SagaStore store = new JdbcSagaStore(database.dataSource(), database.dialect());
        world = new SagaWorld(store, new JdbcSagaLocks(database.dataSource(), database.dialect()), transactions);
        jdbc().execute("CREATE TABLE journal (entry VARCHAR(255) NOT NULL)");
    }

    @AfterEach
    void close() {
        threads.shutdownNow();
        database.close();
    }

    final JdbcTemplate jdbc() {
        return new JdbcTemplate(database.dataSource());
    }

    final List<String> journal() {
        return jdbc().queryForList("SELECT entry FROM journal ORDER BY entry", String.class);
    }

    final void write(String entry) {
        jdbc().update("INSERT INTO journal (entry) VALUES (?)", entry);
    }

    final SagaDefinition.Builder<Trip> seatAndRoom() {
        return SagaDefinition.named("trip", Trip.class)
                .compensatable("seat", step -> step.command("air", trip -> new Book(trip.id(), "seat"))
                        .onDone(Booked.class, (trip, booked) -> trip.seat(booked.number()))
                        .compensation(trip -> new Cancel(trip.id(), trip.seat()))
                        .retry(TWICE)
                        .compensationRetry(TWICE))
                .compensatable("room", step -> step.command("hotel", trip -> new Book(trip.id(), "room"))
                        .onDone(Booked.class, (trip, booked) -> trip.room(booked.number()))
                        .compensation(trip -> new Cancel(trip.id(), trip.room()))
                        .retry(TWICE)
                        .compensationRetry(TWICE));
    }

    final SagaDefinition<Trip> trip() {
        return seatAndRoom()
                .deadline(Duration.ofHours(1))
                .pivot("charge", step -> step.command("bank", trip -> new Book(trip.id(), "charge"))
                        .onDone(Booked.class, (trip, booked) -> trip.receipt(booked.number()))
                        .retry(TWICE))
                .retriable(
                        "confirm",
                        step -> step.local((trip, context) -> {
                            write("confirmed " + trip.id() + " " + trip.receipt());
                            return trip;
                        }))
                .build();
    }

    final SagaDefinition<Trip> parallelTrip() {
        return SagaDefinition.named("trip", Trip.class)
                .compensatable("check", step -> step.command("desk", trip -> new Book(trip.id(), "check"))
                        .compensation(trip -> new Cancel(trip.id(), "check")))
                .parallel(both -> both.branch(branch -> branch.compensatable(
                                "seat", step -> step.command("air", trip -> new Book(trip.id(), "seat"))
                                        .onDone(Booked.class, (trip, booked) -> trip.seat(booked.number()))
                                        .compensation(trip -> new Cancel(trip.id(), trip.seat()))))
                        .branch(branch -> branch.compensatable(
                                "room", step -> step.command("hotel", trip -> new Book(trip.id(), "room"))
                                        .onDone(Booked.class, (trip, booked) -> trip.room(booked.number()))
                                        .compensation(trip -> new Cancel(trip.id(), trip.room())))))
                .pivot("charge", step -> step.command("bank", trip -> new Book(trip.id(), "charge")))
                .build();
    }

    final void done(SagaWorld.Node node, String step) {
        node.answer(world.take(step), ReplyOutcome.DONE, new Booked(step + "-1"));
    }

    final void passAndWake(SagaWorld.Node node) {
        world.passes(Duration.ofSeconds(31));
        node.wake();
    }
}
