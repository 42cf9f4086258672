package dev.tally.testkit;

import static dev.tally.testkit.StoredSagas.T0;
import static dev.tally.testkit.StoredSagas.ended;
import static dev.tally.testkit.StoredSagas.history;
import static dev.tally.testkit.StoredSagas.mail;
import static dev.tally.testkit.StoredSagas.next;
import static dev.tally.testkit.StoredSagas.parked;
import static dev.tally.testkit.StoredSagas.renamed;
import static dev.tally.testkit.StoredSagas.saga;
import static dev.tally.testkit.StoredSagas.waking;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.tally.saga.SagaState;
import dev.tally.saga.StepState;
import dev.tally.saga.jdbc.JdbcSagaStore;
import dev.tally.saga.store.HistoryEntry;
import dev.tally.saga.store.Mail;
import dev.tally.saga.store.ParentStep;
import dev.tally.saga.store.Parking;
import dev.tally.saga.store.SagaEvent;
import dev.tally.saga.store.SagaStore;
import dev.tally.saga.store.SagaStore.OpenVersion;
import dev.tally.saga.store.StaleSagaException;
import dev.tally.saga.store.StepProgress;
import dev.tally.saga.store.StoredSaga;
import dev.tally.testkit.scenario.Scenario;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * What a store of sagas guarantees on every database. A database is added by a subclass that says how to open it; a store of
 * one's own by {@link #createStore}.
 *
 * @since 0.1
 */
public abstract class SagaStoreContract {

    private static final Set<Integer> V1 = Set.of(1);

    private TestDatabase database;
    private TwoTransactions transactions;
    private SagaStore store;

    /** An empty database with Tally's tables. */
    protected abstract TestDatabase createDatabase();

    /** The store under test, on a database that {@link #createDatabase} opened; Tally's own if this is not overridden. */
    protected SagaStore createStore(TestDatabase opened) {
        return new JdbcSagaStore(opened.dataSource(), opened.dialect());
    }

    /** Creates the suite; the database is opened before each test. */
    @SuppressWarnings("NullAway.Init") // JUnit calls open() before each test.
    protected SagaStoreContract() {}

    @BeforeEach
    void open() {
        database = createDatabase();
        transactions = new TwoTransactions(database);
        store = createStore(database);
    }

    @AfterEach
    void close() {
        transactions.close();
        database.close();
    }

    private void insert(StoredSaga... sagas) {
        transactions.run(() -> Stream.of(sagas).forEach(saga -> assertThat(store.insertNew(saga, history(saga)))
                .isTrue()));
    }

    private StoredSaga kept(String id) {
        return store.find(id).orElseThrow();
    }

    private static List<String> ids(List<StoredSaga> sagas) {
        return sagas.stream().map(StoredSaga::id).toList();
    }

    private List<String> lockDue(int limit) {
        return ids(store.lockDue("order", V1, T0, limit));
    }

    @Scenario("saga-2")
    @Test
    void thereIsOneSagaForEachNameAndKey() {
        StoredSaga first = saga("a");
        insert(first);
        StoredSaga second = new StoredSaga(
                "b",
                "order",
                2,
                "f2",
                first.businessKey(),
                SagaState.RUNNING,
                false,
                null,
                1,
                Map.of(),
                "{}",
                null,
                T0,
                null,
                null,
                null);

        transactions.run(() -> {
            assertThat(store.insertNew(second, history(second))).isFalse();
            assertThat(store.find("order", first.businessKey())).contains(first);
        });
        assertThat(store.find("b")).isEmpty();
        assertThat(store.history("b")).isEmpty();
        insert(renamed(second, "refund", 2, "f2"));
        assertThat(store.find("refund", first.businessKey())).isPresent();
    }

    @Scenario("saga-2")
    @Test
    void whoHasReadBeforeTheFirstStartFindsItToo() {
        StoredSaga first = saga("a");
        transactions.run(() -> {
            assertThat(store.find("order", first.businessKey())).isEmpty();
            boolean inserted =
                    TwoTransactions.get(transactions.inAnother(() -> store.insertNew(first, history(first))));
            assertThat(inserted).isTrue();
            assertThat(store.insertNew(renamed(first, "order", 1, "f1"), history(first)))
                    .isFalse();
            assertThat(store.findExisting("order", first.businessKey()).map(StoredSaga::id))
                    .contains("a");
        });
    }

    @Scenario("saga-2")
    @Test
    void aSecondStartWaitsForTheFirstAndThenFindsIt() {
        assertThat(insertTwoAtOnce(false)).contains("a");
    }

    @Scenario("saga-3")
    @Test
    void aSecondStartWaitsForTheFirstAndIsTheFirstIfThatRollsBack() {
        assertThat(insertTwoAtOnce(true)).isEmpty();
        assertThat(store.find("a")).isEmpty();
        assertThat(store.find("b")).isPresent();
    }

    /** The saga that the second one found instead of being inserted. */
    private Optional<String> insertTwoAtOnce(boolean rollBack) {
        StoredSaga first = saga("a");
        StoredSaga second = new StoredSaga(
                "b",
                "order",
                1,
                "f1",
                first.businessKey(),
                SagaState.RUNNING,
                false,
                null,
                1,
                Map.of(),
                "{}",
                null,
                T0,
                null,
                null,
                null);
        List<CompletableFuture<Optional<String>>> other = new ArrayList<>();
        transactions.template().executeWithoutResult(status -> {
            assertThat(store.insertNew(first, history(first))).isTrue();
            other.add(transactions.waitingInAnother(() -> store.insertNew(second, history(second))
                    ? Optional.<String>empty()
                    : store.find("order", second.businessKey()).map(StoredSaga::id)));
            if (rollBack) {
                status.setRollbackOnly();
            }
        });
        return TwoTransactions.get(other.get(0));
    }

    @Scenario("saga-3")
    @Test
    void aRollbackLeavesNothing() {
        StoredSaga saga = saga("a");
        transactions.template().executeWithoutResult(status -> {
            assertThat(store.insertNew(saga, history(saga))).isTrue();
            store.putMail(List.of(mail("a", "m", Mail.Kind.SIGNAL, "paid", T0)));
            status.setRollbackOnly();
        });

        assertThat(store.find("a")).isEmpty();
        assertThat(store.find("order", saga.businessKey())).isEmpty();
        assertThat(store.history("a")).isEmpty();
        assertThat(store.mail("a", Mail.Kind.SIGNAL, "paid")).isEmpty();
        insert(saga);
    }

    @Test
    void locksInTheOrderOfTheIdsAndLeavesOutWhatIsNotThere() {
        insert(saga("b"), saga("a"), saga("c"));

        assertThat(transactions.in(() -> ids(store.lock(List.of("c", "nobody", "a", "b")))))
                .containsExactly("a", "b", "c");
        assertThat(transactions.in(() -> store.lock(List.of()))).isEmpty();
    }

    @Scenario("saga-26")
    @Test
    void whoLocksASagaThatIsLockedWaitsAndSeesWhatTheOtherDid() {
        insert(saga("a"), saga("b"), saga("c"));
        List<CompletableFuture<StoredSaga>> branches = new ArrayList<>();

        transactions.run(() -> {
            StoredSaga locked = store.lock(List.of("a", "b")).get(0);
            // Others are not held up.
            assertThat(TwoTransactions.get(transactions.inAnother(() -> ids(store.lock(List.of("c"))))))
                    .containsExactly("c");
            branches.add(transactions.waitingInAnother(() -> {
                StoredSaga changed = next(store.lock(List.of("a")).get(0), "right");
                store.save(List.of(changed), List.of(history(changed)));
                return changed;
            }));
            StoredSaga changed = next(locked, "left");
            store.save(List.of(changed), List.of(history(changed)));
        });

        assertThat(TwoTransactions.get(branches.get(0)).steps()).containsOnlyKeys("left", "right");
        assertThat(kept("a").steps()).containsOnlyKeys("left", "right");
        assertThat(kept("a").version()).isEqualTo(3);
    }

    @Test
    void twoWhoLockTheSameSagasInDifferentOrdersDoNotLockEachOtherOut() {
        insert(saga("a"), saga("b"), saga("c"));
        List<CompletableFuture<Integer>> both = Stream.of(List.of("a", "b", "c"), List.of("c", "b", "a"))
                .map(order -> CompletableFuture.supplyAsync(
                        () -> IntStream.range(0, 30)
                                .map(i ->
                                        transactions.in(() -> store.lock(order).size()))
                                .sum(),
                        transactions.threads()))
                .toList();

        both.forEach(each -> assertThat(TwoTransactions.get(each)).isEqualTo(90));
    }

    @Scenario("saga-29")
    @Test
    void whatWasReadBeforeAnotherChangedItCannotBeSaved() {
        insert(saga("a"), saga("b"), saga("c"), saga("d"), saga("e"));
        StoredSaga seen = kept("a");
        transactions.run(() -> {
            StoredSaga changed = next(store.lock(List.of("a")).get(0), "by-the-other");
            store.save(List.of(changed), List.of(history(changed)));
        });

        List<StoredSaga> late = Stream.of("a", "b", "c", "d", "e")
                .map(id -> next(id.equals("a") ? seen : kept(id), "late"))
                .toList();
        assertThatExceptionOfType(StaleSagaException.class)
                .isThrownBy(() -> transactions.run(() ->
                        store.save(late, late.stream().map(StoredSagas::history).toList())))
                .withMessageContaining("order/a")
                .withMessageContaining("version 1");

        assertThat(kept("a").steps()).containsOnlyKeys("by-the-other");
        assertThat(store.history("a")).hasSize(2);
        assertThat(kept("e")).isEqualTo(saga("e"));
    }

    @Scenario("saga-24")
    @Test
    void ofTwoWhoDecideByTheSameVersionOneWins() {
        insert(saga("a"));
        StoredSaga timedOut = next(kept("a"), "timer");
        StoredSaga answered = next(kept("a"), "reply");
        List<CompletableFuture<String>> other = new ArrayList<>();

        transactions.run(() -> {
            store.save(List.of(timedOut), List.of(history(timedOut)));
            other.add(transactions.waitingInAnother(() -> {
                try {
                    store.save(List.of(answered), List.of(history(answered)));
                    return "won";
                } catch (StaleSagaException e) {
                    return "stale";
                }
            }));
        });

        assertThat(TwoTransactions.get(other.get(0))).isEqualTo("stale");
        assertThat(kept("a")).isEqualTo(timedOut);
    }

    @Test
    void manyAreSavedTogetherWhateverTheDriverSaysOfABatch() {
        StoredSaga[] sagas = IntStream.range(0, 20).mapToObj(i -> saga("s" + i)).toArray(StoredSaga[]::new);
        insert(sagas);
        List<StoredSaga> changed =
                Arrays.stream(sagas).map(saga -> next(saga, "x")).toList();

        transactions.run(() ->
                store.save(changed, changed.stream().map(StoredSagas::history).toList()));

        changed.forEach(saga -> assertThat(kept(saga.id())).isEqualTo(saga));
    }

    @Test
    void givesBackWhatWasKept() {
        Map<String, StepProgress> steps = new LinkedHashMap<>();
        steps.put(
                "шаг 1",
                new StepProgress(StepState.UNDO_RETRYING, 3, 2, 1, T0.plusMillis(1), "way \"2\"", "größe\n€😀"));
        steps.put("two", StepProgress.PENDING);
        StoredSaga full = new StoredSaga(
                "i".repeat(64),
                "n".repeat(100),
                7,
                "f".repeat(64),
                "ключ".repeat(63),
                SagaState.PARKED,
                true,
                new Parking(Parking.Kind.STEP, "stuck: größe € 😀"),
                Long.MAX_VALUE - 1,
                steps,
                "{\"text\":\"" + "€😀\\n".repeat(100_000) + "\"}",
                new ParentStep("p".repeat(64), "ship", 4, true),
                T0,
                T0.plusSeconds(1),
                T0.plusSeconds(2),
                T0.plusSeconds(3));
        HistoryEntry first = new HistoryEntry(
                full.id(),
                full.version(),
                T0,
                List.of(
                        new SagaEvent("DONE", "two", "ACTIVE", "DONE", 1, "t€xt"),
                        new SagaEvent("started", null, null, null, 0, null)),
                "ann",
                "because €",
                full.data());
        transactions.run(() -> assertThat(store.insertNew(full, first)).isTrue());
        insert(saga("plain"));

        assertThat(kept(full.id())).isEqualTo(full);
        assertThat(store.find(full.name(), full.businessKey())).contains(full);
        assertThat(store.history(full.id())).containsExactly(first);
        assertThat(kept("plain")).isEqualTo(saga("plain"));
        HistoryEntry plain = new HistoryEntry("plain", 2, T0, List.of(), null, null, null);
        StoredSaga undone = waking(next(saga("plain"), "x"), T0);
        transactions.run(() -> store.save(List.of(undone), List.of(plain)));
        assertThat(kept("plain")).isEqualTo(undone);
        assertThat(store.history("plain").get(1)).isEqualTo(plain);
    }

    @Test
    void reasonsAreCutAndNeverKeepASagaFromBeingParked() {
        StoredSaga saga = saga("a");
        insert(saga);
        StoredSaga parked = new StoredSaga(
                "a",
                "order",
                1,
                "f1",
                saga.businessKey(),
                SagaState.PARKED,
                false,
                new Parking(Parking.Kind.ERROR, "nul \0 " + "x".repeat(993) + "😀" + "y".repeat(5000)),
                2,
                Map.of(),
                "{}",
                null,
                T0,
                null,
                null,
                null);
        HistoryEntry entry = new HistoryEntry("a", 2, T0, List.of(), "ann", "z".repeat(5000) + "\0", null);

        transactions.run(() -> store.save(List.of(parked), List.of(entry)));

        assertThat(kept("a").parking()).isEqualTo(new Parking(Parking.Kind.ERROR, "nul   " + "x".repeat(993)));
        assertThat(store.history("a").get(1).reason()).isEqualTo("z".repeat(1000));
    }

    private void insertDue(String... ids) {
        for (int i = 0; i < ids.length; i++) {
            insert(waking(saga(ids[i]), T0.minusSeconds(ids.length - i)));
        }
    }

    @Test
    void locksWhatIsDueTheEarliestFirstAndOnlyWhatTheCallerCanRun() {
        insertDue("z", "y", "x");
        insert(
                waking(saga("later"), T0.plusMillis(1)),
                saga("never"),
                waking(renamed(saga("other-name"), "refund", 1, "f1"), T0.minusSeconds(9)),
                waking(renamed(saga("v2"), "order", 2, "f2"), T0.minusMillis(2500)),
                waking(renamed(saga("v3"), "order", 3, "f3"), T0.minusSeconds(9)));

        assertThat(transactions.in(() -> lockDue(10))).containsExactly("z", "y", "x");
        assertThat(transactions.in(() -> lockDue(2))).containsExactly("z", "y");
        assertThat(transactions.in(() -> ids(store.lockDue("order", Set.of(1, 2), T0, 3))))
                .containsExactly("z", "v2", "y");
        assertThat(transactions.in(() -> store.lockDue("order", Set.of(), T0, 10)))
                .isEmpty();
        assertThat(transactions.in(() -> ids(store.lockDue("order", V1, T0.plusMillis(1), 10))))
                .containsExactly("z", "y", "x", "later");
    }

    @Scenario("saga-47")
    @Test
    void severalNodesFindTheirWorkBehindOneAnother() {
        insertDue("a", "b", "c", "d", "e", "f", "g", "h");

        transactions.run(() -> {
            assertThat(lockDue(2)).containsExactly("a", "b");
            assertThat(TwoTransactions.get(transactions.inAnother(() -> {
                        List<String> second = lockDue(2);
                        List<String> third = TwoTransactions.get(transactions.inAnother(() -> {
                            List<String> ofThird = lockDue(2);
                            List<String> fourth = TwoTransactions.get(transactions.inAnother(() -> lockDue(5)));
                            return Stream.concat(ofThird.stream(), fourth.stream())
                                    .toList();
                        }));
                        return Stream.concat(second.stream(), third.stream()).toList();
                    })))
                    .containsExactly("c", "d", "e", "f", "g", "h");
        });
    }

    @Scenario("saga-29")
    @Test
    void whatAnotherNodeHasSeenToIsNotClaimedAgain() {
        insertDue("a", "b");
        transactions.run(() -> {
            StoredSaga done = waking(next(store.lockDue("order", V1, T0, 1).get(0), "x"), null);
            store.save(List.of(done), List.of());
        });

        assertThat(transactions.in(() -> lockDue(10))).containsExactly("b");
    }

    @Test
    void wakesOnlyEarlier() {
        insert(saga("never"), waking(saga("later"), T0.plusSeconds(5)), waking(saga("earlier"), T0.minusSeconds(5)));

        transactions.run(() -> List.of("never", "later", "earlier", "nobody").forEach(id -> store.wake(id, T0)));

        assertThat(kept("never")).isEqualTo(waking(saga("never"), T0));
        assertThat(kept("later").wakeAt()).isEqualTo(T0);
        assertThat(kept("earlier").wakeAt()).isEqualTo(T0.minusSeconds(5));
    }

    @Test
    void doesNotWakeWhatHasEndedOrIsHeldForAPerson() {
        insert(
                ended(saga("ended"), T0),
                parked(saga("error"), Parking.Kind.ERROR),
                parked(saga("definition"), Parking.Kind.DEFINITION),
                parked(saga("quarantine"), Parking.Kind.QUARANTINE),
                parked(saga("step"), Parking.Kind.STEP));

        transactions.run(() ->
                List.of("ended", "error", "definition", "quarantine", "step").forEach(id -> store.wake(id, T0)));

        assertThat(transactions.in(() -> lockDue(10))).containsExactly("step");
    }

    @Test
    void keepsMailOnceAndGivesItInOrder() {
        insert(saga("a"));
        Mail late = mail("a", "m1", Mail.Kind.SIGNAL, "paid", T0.plusMillis(2));
        Mail early = mail("a", "m2", Mail.Kind.SIGNAL, "paid", T0.plusMillis(1));
        Mail again = mail("a", "m2", Mail.Kind.SIGNAL, "other", T0);
        Mail stray =
                new Mail("m4", "a", Mail.Kind.STRAY, "ship", Map.of(), early.body(), "w\0hy" + "x".repeat(2000), T0);
        Mail reply = mail("a", "m3", Mail.Kind.REPLY, "ship", T0);
        Mail ofOther = mail("b", "m1", Mail.Kind.REPLY, "ship", T0.plusMillis(9));

        transactions.run(() -> store.putMail(List.of(late, early)));
        transactions.run(() -> store.putMail(List.of(again, stray, reply, ofOther)));

        assertThat(store.mail("a", Mail.Kind.SIGNAL, "paid"))
                .extracting(Mail::id)
                .containsExactly("m2", "m1");
        assertThat(store.mail("a", Mail.Kind.SIGNAL, "other")).isEmpty();
        assertThat(store.mail(List.of("a", "b"), Mail.Kind.REPLY))
                .extracting(Mail::sagaId)
                .containsExactly("a", "b");
        assertThat(store.mail(List.of(), Mail.Kind.REPLY)).isEmpty();
        Mail read = store.mail("a", Mail.Kind.SIGNAL, "paid").get(0);
        assertThat(read).usingRecursiveComparison().isEqualTo(early);
        assertThat(store.mail("a", Mail.Kind.STRAY, "ship").get(0).why())
                .startsWith("w hy")
                .hasSize(1000);

        transactions.run(() -> store.removeMail("a", List.of("m2", "m3", "nothing")));
        assertThat(store.mail("a", Mail.Kind.SIGNAL, "paid"))
                .extracting(Mail::id)
                .containsExactly("m1");
        assertThat(store.mail(List.of("a", "b"), Mail.Kind.REPLY))
                .extracting(Mail::sagaId)
                .containsExactly("b");
    }

    @Test
    void tellsTheHistoryInOrder() {
        StoredSaga saga = saga("a");
        insert(saga);
        for (int i = 0; i < 11; i++) {
            StoredSaga before = kept("a");
            StoredSaga changed = next(before, "s" + i);
            transactions.run(() -> store.save(List.of(changed), List.of(history(changed))));
        }

        assertThat(store.history("a"))
                .extracting(HistoryEntry::version)
                .containsExactly(1L, 2L, 3L, 4L, 5L, 6L, 7L, 8L, 9L, 10L, 11L, 12L);
    }

    @Scenario("saga-34")
    @Test
    void countsWhatIsOpenByVersion() {
        insert(
                saga("a"),
                parked(saga("b"), Parking.Kind.ERROR),
                ended(saga("c"), T0),
                renamed(saga("d"), "order", 1, "f9"),
                renamed(saga("e"), "order", 2, "f1"));

        assertThat(store.openVersions())
                .isEqualTo(Map.of(
                        new OpenVersion("order", 1, "f1"), 2L,
                        new OpenVersion("order", 1, "f9"), 1L,
                        new OpenVersion("order", 2, "f1"), 1L));
        assertThat(ids(store.open(new OpenVersion("order", 1, "f1"), 10))).containsExactly("a", "b");
        assertThat(ids(store.open(new OpenVersion("order", 1, "f1"), 1))).containsExactly("a");
    }

    @Test
    void purgesWhatEndedLongAgoWithAllThatBelongsToIt() {
        Instant old = T0.minusSeconds(100);
        insert(ended(saga("a"), old), ended(saga("b"), old.plusSeconds(1)), ended(saga("young"), T0), saga("open"));
        transactions.run(() -> store.putMail(List.of(
                mail("a", "m", Mail.Kind.STRAY, "ship", old),
                mail("open", "m", Mail.Kind.STRAY, "ship", old),
                mail("nobody", "old", Mail.Kind.STRAY, "ship", old),
                mail("nobody", "young", Mail.Kind.STRAY, "ship", T0))));

        assertThat(transactions.in(() -> store.purgeEnded(T0, 1))).isEqualTo(1);
        assertThat(store.find("a")).isEmpty();
        assertThat(store.history("a")).isEmpty();
        assertThat(transactions.in(() -> store.purgeEnded(T0, 10))).isEqualTo(1);
        assertThat(transactions.in(() -> store.purgeEnded(T0, 10))).isZero();

        assertThat(store.mail(List.of("a", "open", "nobody"), Mail.Kind.STRAY))
                .extracting(mail -> mail.sagaId() + "/" + mail.id())
                .containsExactlyInAnyOrder("open/m", "nobody/young");
        assertThat(ids(Stream.of("young", "open").map(this::kept).toList())).containsExactly("young", "open");
        assertThat(store.history("open")).hasSize(1);
        insert(saga("a"));
    }

    @Test
    void aPurgeNeitherWaitsNorIsWaitedFor() {
        Instant old = T0.minusSeconds(100);
        insert(ended(saga("a"), old), ended(saga("b"), old), ended(saga("c"), old), saga("open"));

        transactions.run(() -> {
            assertThat(store.lock(List.of("b"))).hasSize(1);
            assertThat(TwoTransactions.get(transactions.inAnother(() -> store.purgeEnded(T0, 10))))
                    .isEqualTo(2);
        });
        transactions.run(() -> {
            assertThat(store.purgeEnded(T0, 10)).isEqualTo(1);
            assertThat(TwoTransactions.get(transactions.inAnother(() -> {
                        StoredSaga changed = next(store.lock(List.of("open")).get(0), "x");
                        store.save(List.of(changed), List.of(history(changed)));
                        StoredSaga added = saga("new");
                        return store.insertNew(added, history(added)) && store.purgeEnded(T0, 10) == 0;
                    })))
                    .isTrue();
        });
        assertThat(store.find("b")).isEmpty();
    }
}
