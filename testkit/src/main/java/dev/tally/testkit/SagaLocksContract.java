package dev.tally.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.tally.audit.AuditEntry;
import dev.tally.saga.jdbc.JdbcSagaLockOperations;
import dev.tally.saga.jdbc.JdbcSagaLocks;
import dev.tally.saga.jdbc.JdbcSagaStore;
import dev.tally.saga.lock.HeldLock;
import dev.tally.saga.lock.LockKeeper;
import dev.tally.saga.lock.LockNotHeldException;
import dev.tally.saga.lock.SagaLockOperations;
import dev.tally.saga.lock.SagaLocks;
import dev.tally.saga.lock.SagaLocks.Outcome;
import dev.tally.saga.store.SagaStore;
import dev.tally.testkit.scenario.Scenario;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.transaction.IllegalTransactionStateException;

/**
 * What semantic locks of sagas guarantee on every database. A database is added by a subclass that says how to open it; locks
 * of one's own by {@link #createLocks} and {@link #createOperations}.
 *
 * @since 0.1
 */
public abstract class SagaLocksContract {

    private static final Instant T0 = StoredSagas.T0;
    private static final Duration LEASE = Duration.ofMinutes(10);
    private static final Instant AFTER = T0.plus(LEASE);

    private final List<AuditEntry> audit = new CopyOnWriteArrayList<>();
    private TestDatabase database;
    private TwoTransactions transactions;
    private SagaLocks locks;
    private SagaLockOperations operations;
    private SagaStore store;

    /** An empty database with Tally's tables. */
    protected abstract TestDatabase createDatabase();

    /** The locks under test, on a database that {@link #createDatabase} opened; Tally's own if this is not overridden. */
    protected SagaLocks createLocks(TestDatabase opened) {
        return new JdbcSagaLocks(opened.dataSource(), opened.dialect());
    }

    /** The operations of these locks. */
    protected SagaLockOperations createOperations(TestDatabase opened) {
        return new JdbcSagaLockOperations(opened.dataSource(), opened.dialect());
    }

    /** Creates the suite; the database is opened before each test. */
    @SuppressWarnings("NullAway.Init") // JUnit calls open() before each test.
    protected SagaLocksContract() {}

    @BeforeEach
    void open() {
        database = createDatabase();
        transactions = new TwoTransactions(database);
        locks = createLocks(database);
        operations = createOperations(database);
        store = new JdbcSagaStore(database.dataSource(), database.dialect());
    }

    @AfterEach
    void close() {
        transactions.close();
        database.close();
    }

    private Outcome queue(String resource, String saga) {
        return queue(resource, saga, T0);
    }

    private Outcome queue(String resource, String saga, Instant now) {
        return transactions.in(() -> locks.acquire(resource, saga, true, now, LEASE));
    }

    private Outcome ask(String resource, String saga, Instant now) {
        return transactions.in(() -> locks.acquire(resource, saga, false, now, LEASE));
    }

    private List<String> release(String saga) {
        return transactions.in(() -> locks.releaseAll(saga, T0));
    }

    private String ownerOf(String resource) {
        return operations.find(resource).map(HeldLock::owner).orElse("nobody");
    }

    private List<String> waitersOf(String resource) {
        return operations.find(resource).stream()
                .flatMap(lock -> lock.waiters().stream())
                .map(HeldLock.Waiter::sagaId)
                .toList();
    }

    @Scenario("saga-36")
    @Test
    void whoDoesNotWaitIsToldThatItIsTaken() {
        assertThat(ask("order/1", "a", T0)).isEqualTo(Outcome.GRANTED);
        assertThat(ask("order/1", "b", T0)).isEqualTo(Outcome.TAKEN);
        assertThat(ask("order/2", "b", T0)).isEqualTo(Outcome.GRANTED);

        assertThat(release("b")).isEmpty();
        assertThat(release("a")).isEmpty();
        assertThat(release("a")).isEmpty();
        assertThat(ask("order/1", "b", T0)).isEqualTo(Outcome.GRANTED);
        assertThat(operations.find("order/1")).contains(new HeldLock("order/1", "b", T0, T0.plus(LEASE), List.of()));
    }

    @Scenario("saga-36")
    @Test
    void theFirstWhoWaitsGetsItFirstWhateverItsIdAndItsClock() {
        assertThat(queue("r", "m")).isEqualTo(Outcome.GRANTED);
        assertThat(queue("r", "z", T0.plusSeconds(5))).isEqualTo(Outcome.QUEUED);
        assertThat(queue("r", "a", T0)).isEqualTo(Outcome.QUEUED);
        assertThat(queue("r", "k", T0.minusSeconds(5))).isEqualTo(Outcome.QUEUED);
        // Asking again changes nothing.
        assertThat(queue("r", "a", T0.minusSeconds(9))).isEqualTo(Outcome.QUEUED);
        assertThat(ask("r", "x", T0)).isEqualTo(Outcome.TAKEN);
        assertThat(waitersOf("r")).containsExactly("z", "a", "k");

        assertThat(release("m")).containsExactly("z");
        assertThat(ownerOf("r")).isEqualTo("z");
        assertThat(queue("r", "a")).isEqualTo(Outcome.QUEUED);
        assertThat(queue("r", "z")).isEqualTo(Outcome.GRANTED);
        assertThat(release("z")).containsExactly("a");
        assertThat(release("k")).isEmpty();
        assertThat(release("a")).isEmpty();
        assertThat(operations.locks(10)).isEmpty();
    }

    @Scenario("saga-36")
    @Test
    void everythingThatASagaHasPassesOnTogetherWithItsEnd() {
        for (String resource : List.of("r3", "r1", "r2", "free")) {
            assertThat(queue(resource, "a")).isEqualTo(Outcome.GRANTED);
        }
        assertThat(queue("r1", "c")).isEqualTo(Outcome.QUEUED);
        assertThat(queue("r3", "b")).isEqualTo(Outcome.QUEUED);
        assertThat(queue("r2", "b")).isEqualTo(Outcome.QUEUED);
        assertThat(queue("other", "o")).isEqualTo(Outcome.GRANTED);

        transactions.template().executeWithoutResult(status -> {
            assertThat(locks.releaseAll("a", T0)).containsExactlyInAnyOrder("b", "c");
            status.setRollbackOnly();
        });
        assertThat(List.of(ownerOf("r1"), ownerOf("r2"), ownerOf("r3"), ownerOf("free")))
                .containsOnly("a");
        assertThat(waitersOf("r2")).containsExactly("b");

        assertThat(release("a")).containsExactlyInAnyOrder("b", "c");
        assertThat(List.of(ownerOf("r1"), ownerOf("r2"), ownerOf("r3"), ownerOf("free"), ownerOf("other")))
                .containsExactly("c", "b", "b", "nobody", "o");
    }

    @Test
    void whoHasItGetsItAgainAndItsLeaseNeverEndsEarlierByThat() {
        assertThat(queue("r", "a")).isEqualTo(Outcome.GRANTED);
        assertThat(transactions.in(() -> locks.acquire("r", "a", false, T0, Duration.ofMillis(1))))
                .isEqualTo(Outcome.GRANTED);
        assertThat(operations.find("r").orElseThrow().leaseUntil()).isEqualTo(AFTER);
        assertThat(queue("r", "a", T0.plusSeconds(1))).isEqualTo(Outcome.GRANTED);
        assertThat(operations.find("r").orElseThrow().leaseUntil()).isEqualTo(AFTER.plusSeconds(1));
        assertThat(operations.find("r").orElseThrow().since()).isEqualTo(T0);
    }

    @Test
    void whoEndsWaitsNoMore() {
        queue("r", "a");
        queue("r", "b");
        queue("r", "c");

        assertThat(release("b")).isEmpty();
        assertThat(waitersOf("r")).containsExactly("c");
        assertThat(release("a")).containsExactly("c");
    }

    @Scenario("saga-38")
    @Test
    void aLeaseThatIsOverIsTakenOverByWhoAsks() {
        queue("r", "dead");

        assertThat(ask("r", "b", AFTER.minusMillis(1))).isEqualTo(Outcome.TAKEN);
        assertThat(ask("r", "b", AFTER)).isEqualTo(Outcome.GRANTED);
        assertThat(operations.find("r")).contains(new HeldLock("r", "b", AFTER, AFTER.plus(LEASE), List.of()));
        // Who had it wakes up after all.
        assertThat(release("dead")).isEmpty();
        assertThat(ownerOf("r")).isEqualTo("b");
        assertThat(queue("r", "dead", AFTER)).isEqualTo(Outcome.QUEUED);
    }

    @Scenario("saga-38")
    @Test
    void aLeaseThatIsOverIsForWhoWaitsBeforeOthers() {
        queue("r", "dead");
        queue("r", "b");
        queue("r", "c");

        assertThat(ask("r", "x", AFTER)).isEqualTo(Outcome.TAKEN);
        assertThat(queue("r", "y", AFTER)).isEqualTo(Outcome.QUEUED);
        assertThat(queue("r", "c", AFTER)).isEqualTo(Outcome.QUEUED);
        assertThat(queue("r", "b", AFTER)).isEqualTo(Outcome.GRANTED);
        assertThat(ownerOf("r")).isEqualTo("b");
        assertThat(waitersOf("r")).containsExactly("c", "y");
    }

    private LockKeeper keeper(Instant now) {
        return new LockKeeper(operations, store, audit::add, transactions.manager(), () -> now);
    }

    @Scenario("saga-38")
    @Test
    void nobodyHasToReleaseOrAskForALeaseToPassOn() {
        List.of("b", "c")
                .forEach(id -> transactions.run(() -> assertThat(
                                store.insertNew(StoredSagas.saga(id), StoredSagas.history(StoredSagas.saga(id))))
                        .isTrue()));
        queue("r1", "dead");
        queue("r2", "dead");
        queue("nobody-waits", "dead");
        queue("r1", "b");
        queue("r1", "c");
        queue("r2", "gone");
        release("gone");

        assertThat(keeper(AFTER.minusMillis(1)).passExpired(10)).isZero();
        assertThat(keeper(AFTER).passExpired(10)).isEqualTo(1);
        assertThat(keeper(AFTER).passExpired(10)).isZero();

        assertThat(List.of(ownerOf("r1"), ownerOf("r2"), ownerOf("nobody-waits")))
                .containsExactly("b", "dead", "dead");
        assertThat(operations.find("r1").orElseThrow().leaseUntil()).isEqualTo(AFTER.plus(LEASE));
        assertThat(store.find("b").orElseThrow().wakeAt()).isEqualTo(AFTER);
        assertThat(store.find("c").orElseThrow().wakeAt()).isNull();
        // And so on, if that one is dead as well.
        assertThat(keeper(AFTER.plus(LEASE)).passExpired(10)).isEqualTo(1);
        assertThat(ownerOf("r1")).isEqualTo("c");
    }

    @Scenario("saga-38")
    @Test
    void aPersonTakesALockFromWhoHasItAndFromNobodyElse() {
        transactions.run(
                () -> assertThat(store.insertNew(StoredSagas.saga("b"), StoredSagas.history(StoredSagas.saga("b"))))
                        .isTrue());
        queue("r", "dead");
        queue("r", "b");
        queue("s", "a");
        LockKeeper keeper = keeper(T0.plusSeconds(1));

        assertThatExceptionOfType(LockNotHeldException.class)
                .isThrownBy(() -> keeper.release("r", "b", "ann", "stuck"))
                .withMessageContaining("'r'")
                .withMessageContaining("saga b")
                .withMessageContaining("saga dead has it");
        assertThatExceptionOfType(LockNotHeldException.class)
                .isThrownBy(() -> keeper.release("nothing", "b", "ann", "stuck"))
                .withMessageContaining("nobody has it");
        assertThatIllegalArgumentException().isThrownBy(() -> keeper.release("r", "dead", "ann", " "));
        assertThat(ownerOf("r")).isEqualTo("dead");
        assertThat(audit).isEmpty();

        assertThat(keeper.release("r", "dead", "ann", "stuck")).contains("b");
        assertThat(keeper.release("s", "a", "ann", "stuck")).isEmpty();
        assertThat(List.of(ownerOf("r"), ownerOf("s"))).containsExactly("b", "nobody");
        assertThat(store.find("b").orElseThrow().wakeAt()).isEqualTo(T0.plusSeconds(1));
        assertThat(audit).extracting(AuditEntry::subject).containsExactly("r", "s");
    }

    @Test
    void listsLocksWithWhoWaits() {
        queue("r2", "a", T0.plusSeconds(1));
        queue("r1", "b", T0);
        queue("r3", "c", T0.plusSeconds(2));
        queue("r2", "y", T0.plusSeconds(4));
        queue("r2", "x", T0.plusSeconds(3));

        assertThat(operations.locks(2))
                .containsExactly(
                        new HeldLock("r1", "b", T0, AFTER, List.of()),
                        new HeldLock(
                                "r2",
                                "a",
                                T0.plusSeconds(1),
                                AFTER.plusSeconds(1),
                                List.of(
                                        new HeldLock.Waiter("y", T0.plusSeconds(4)),
                                        new HeldLock.Waiter("x", T0.plusSeconds(3)))));
        assertThat(operations.find("nothing")).isEmpty();
    }

    @Test
    void refusesWhatCannotBeALockAndWorkOutsideATransaction() {
        assertThatIllegalArgumentException().isThrownBy(() -> queue("x".repeat(256), "a"));
        assertThatIllegalArgumentException().isThrownBy(() -> queue("", "a"));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> transactions.in(() -> locks.acquire("r", "a", true, T0, Duration.ZERO)));
        assertThatExceptionOfType(IllegalTransactionStateException.class)
                .isThrownBy(() -> locks.acquire("r", "a", true, T0, LEASE));
        assertThatExceptionOfType(IllegalTransactionStateException.class).isThrownBy(() -> locks.releaseAll("a", T0));
        assertThat(queue("ä€".repeat(127), "a")).isEqualTo(Outcome.GRANTED);
    }

    @Scenario("saga-37")
    @Test
    void whoWouldCloseACircleIsToldSo() {
        queue("r1", "a");
        queue("r2", "b");
        assertThat(queue("r2", "a")).isEqualTo(Outcome.QUEUED);
        assertThat(queue("r1", "b")).isEqualTo(Outcome.DEADLOCK);

        // It goes its way back, and the other goes on.
        assertThat(waitersOf("r1")).isEmpty();
        assertThat(release("b")).containsExactly("a");
        assertThat(queue("r2", "a")).isEqualTo(Outcome.GRANTED);
    }

    @Scenario("saga-37")
    @Test
    void aCircleOfManyIsSeenAndAChainIsNone() {
        int many = 30;
        for (int i = 0; i < many; i++) {
            queue("r" + i, "s" + i);
        }
        for (int i = 0; i < many - 1; i++) {
            assertThat(queue("r" + (i + 1), "s" + i)).isEqualTo(Outcome.QUEUED);
        }
        assertThat(queue("r0", "another")).isEqualTo(Outcome.QUEUED);
        assertThat(queue("r0", "s" + (many - 1))).isEqualTo(Outcome.DEADLOCK);
        release("s5");
        assertThat(queue("r0", "s" + (many - 1))).isEqualTo(Outcome.QUEUED);
    }

    @Scenario("saga-37")
    @Test
    void whoWaitsBehindAnotherWaitsForItToo() {
        queue("r", "owner");
        queue("s", "b");
        // a has nothing yet, and will have r before b.
        assertThat(queue("r", "a")).isEqualTo(Outcome.QUEUED);
        assertThat(queue("s", "a")).isEqualTo(Outcome.QUEUED);

        assertThat(queue("r", "b")).isEqualTo(Outcome.DEADLOCK);
    }

    @Scenario("saga-37")
    @Test
    void whoIsWaitedForInAQueueIsWaitedFor() {
        queue("q", "owner");
        queue("r", "c");
        assertThat(queue("q", "b")).isEqualTo(Outcome.QUEUED);
        assertThat(queue("q", "c")).isEqualTo(Outcome.QUEUED);

        // c waits until b has had q and ended.
        assertThat(queue("r", "b")).isEqualTo(Outcome.DEADLOCK);
        assertThat(queue("r", "another")).isEqualTo(Outcome.QUEUED);
    }

    @Scenario("saga-37")
    @Test
    void ofTwoWhoCloseACircleAtTheSameMomentOneIsToldSo() throws Exception {
        for (int round = 0; round < 10; round++) {
            String a = "a" + round;
            String b = "b" + round;
            queue("r" + a, a);
            queue("r" + b, b);
            CyclicBarrier together = new CyclicBarrier(2);
            CompletableFuture<Outcome> first = joining(together, "r" + b, a);
            CompletableFuture<Outcome> second = joining(together, "r" + a, b);

            assertThat(List.of(first.get(60, TimeUnit.SECONDS), second.get(60, TimeUnit.SECONDS)))
                    .containsExactlyInAnyOrder(Outcome.QUEUED, Outcome.DEADLOCK);
        }
    }

    private CompletableFuture<Outcome> joining(CyclicBarrier together, String resource, String saga) {
        Set<String> begun = ConcurrentHashMap.newKeySet();
        return transactions.persistentlyInAnother(() -> {
            // Both transactions are open before either asks; a repetition has nobody to meet.
            if (begun.add(saga)) {
                meet(together);
            }
            return locks.acquire(resource, saga, true, T0, LEASE);
        });
    }

    private static void meet(CyclicBarrier together) {
        try {
            together.await(60, TimeUnit.SECONDS);
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    /** The first one has looked, and not committed yet, when the second one looks. */
    @Scenario("saga-37")
    @Test
    void aCircleIsSeenAlsoThroughAWaitThatIsNotCommittedYet() {
        queue("before", "x");
        queue("before", "y");
        queue("r1", "a");
        queue("r2", "b");
        List<CompletableFuture<Outcome>> second = new ArrayList<>();

        transactions.run(() -> {
            assertThat(locks.acquire("r2", "a", true, T0, LEASE)).isEqualTo(Outcome.QUEUED);
            second.add(transactions.waitingInAnother(() -> locks.acquire("r1", "b", true, T0, LEASE)));
        });

        assertThat(TwoTransactions.get(second.get(0))).isEqualTo(Outcome.DEADLOCK);
    }

    @Scenario("saga-36")
    @Test
    void whoJoinsWhileTheOwnerEndsIsNotForgotten() {
        queue("r", "a");
        List<CompletableFuture<Outcome>> joining = new ArrayList<>();
        transactions.run(() -> {
            assertThat(locks.releaseAll("a", T0)).isEmpty();
            joining.add(transactions.waitingInAnother(() -> locks.acquire("r", "b", true, T0, LEASE)));
        });
        assertThat(TwoTransactions.get(joining.get(0))).isEqualTo(Outcome.GRANTED);

        List<CompletableFuture<List<String>>> ending = new ArrayList<>();
        transactions.run(() -> {
            assertThat(locks.acquire("r", "c", true, T0, LEASE)).isEqualTo(Outcome.QUEUED);
            ending.add(transactions.waitingInAnother(() -> locks.releaseAll("b", T0)));
        });
        assertThat(TwoTransactions.get(ending.get(0))).containsExactly("c");
    }

    @Test
    void whoTakeDifferentLocksDoNotWaitForEachOther() {
        queue("r9", "z");
        transactions.run(() -> {
            assertThat(locks.acquire("r1", "a", true, T0, LEASE)).isEqualTo(Outcome.GRANTED);
            assertThat(TwoTransactions.get(transactions.inAnother(() -> {
                        assertThat(locks.releaseAll("z", T0)).isEmpty();
                        return locks.acquire("r2", "b", true, T0, LEASE);
                    })))
                    .isEqualTo(Outcome.GRANTED);
        });
    }

    @Scenario("saga-36")
    @Test
    void manyAtOnceNeverShareALockAndNobodyWaitsForEver() throws Exception {
        int sagas = 24;
        AtomicInteger inside = new AtomicInteger();
        AtomicInteger refused = new AtomicInteger();
        Set<String> granted = ConcurrentHashMap.newKeySet();
        List<CompletableFuture<?>> all = new ArrayList<>();
        CyclicBarrier together = new CyclicBarrier(4);
        for (int worker = 0; worker < 4; worker++) {
            int from = worker;
            all.add(CompletableFuture.runAsync(
                    () -> {
                        meet(together);
                        IntStream.iterate(from, i -> i < sagas, i -> i + 4)
                                .forEach(i -> live("s" + i, i, inside, granted, refused));
                    },
                    transactions.threads()));
        }
        for (CompletableFuture<?> each : all) {
            each.get(120, TimeUnit.SECONDS);
        }

        // Those that were queued were passed their locks by the ends of others, and have ended as well.
        assertThat(granted.size() + refused.get()).isEqualTo(sagas);
        assertThat(operations.locks(100)).isEmpty();
    }

    /** Takes one or two locks as a saga does, and ends; whoever gets a lock by that goes on. */
    private void live(String saga, int number, AtomicInteger inside, Set<String> granted, AtomicInteger refused) {
        List<String> wants = number % 2 == 0 ? List.of("hot", "warm") : List.of("warm", "hot");
        go(saga, wants, inside, granted, refused);
    }

    private void go(String saga, List<String> wants, AtomicInteger inside, Set<String> granted, AtomicInteger refused) {
        for (String resource : wants) {
            Outcome outcome = persistently(() -> locks.acquire(resource, saga, true, T0, LEASE));
            if (outcome == Outcome.QUEUED) {
                return;
            }
            if (outcome == Outcome.DEADLOCK) {
                refused.incrementAndGet();
                end(saga, inside, granted, refused);
                return;
            }
        }
        assertThat(inside.incrementAndGet()).as("sagas that have both locks").isEqualTo(1);
        assertThat(granted.add(saga)).isTrue();
        inside.decrementAndGet();
        end(saga, inside, granted, refused);
    }

    private void end(String saga, AtomicInteger inside, Set<String> granted, AtomicInteger refused) {
        for (String next : persistently(() -> locks.releaseAll(saga, T0))) {
            int number = Integer.parseInt(next.substring(1));
            live(next, number, inside, granted, refused);
        }
    }

    private <T> T persistently(Supplier<T> work) {
        return TwoTransactions.get(transactions.persistentlyInAnother(work));
    }
}
