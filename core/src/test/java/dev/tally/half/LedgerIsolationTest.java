package dev.tally.half;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.tally.testing.TestDatabase;
import dev.tally.testkit.scenario.Scenario;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.springframework.transaction.annotation.Isolation;
import org.springframework.transaction.support.TransactionTemplate;

/** The ledger is right whatever isolation the business transaction has. */
class LedgerIsolationTest {

    enum Server {
        H2(TestDatabase::h2),
        POSTGRESQL(TestDatabase::postgresql),
        MARIADB(TestDatabase::mariaDb),
        /** As MariaDB is since 11.6 where nobody says otherwise. */
        MARIADB_WITH_SNAPSHOT_ISOLATION(() -> TestDatabase.mariaDb("?sessionVariables=innodb_snapshot_isolation=ON")),
        MARIADB_BY_MYSQL_DRIVER(() -> TestDatabase.mariaDbByMySqlDriver("?rewriteBatchedStatements=true")),
        MYSQL_STATEMENTS_ON_MARIADB(TestDatabase::mySqlOnMariaDb);

        private final Supplier<TestDatabase> open;

        Server(Supplier<TestDatabase> open) {
            this.open = open;
        }
    }

    /** Far above the bound of a check, so that a loaded machine does not matter; far below a server's own limit. */
    private static final Duration BOUNDED = Duration.ofSeconds(20);

    private static final Map<Server, TestDatabase> OPEN = new EnumMap<>(Server.class);
    private static final ExecutorService OTHERS = Executors.newCachedThreadPool();

    private TestDatabase database;
    private TransactionLedger ledger;
    private TransactionTemplate business;
    private String prefix;

    static Stream<Arguments> combinations() {
        return Stream.of(Server.values()).flatMap(server -> Stream.of(
                        Isolation.READ_UNCOMMITTED,
                        Isolation.READ_COMMITTED,
                        Isolation.REPEATABLE_READ,
                        Isolation.SERIALIZABLE)
                .map(isolation -> Arguments.of(server, isolation)));
    }

    private void begin(Server server, Isolation isolation) {
        database = OPEN.computeIfAbsent(server, each -> each.open.get());
        database.jdbc().update("DELETE FROM business");
        ledger = instance();
        business = database.transaction();
        business.setIsolationLevel(isolation.value());
        prefix = isolation + "-" + System.nanoTime() + "-";
    }

    private TransactionLedger instance() {
        return new JdbcTransactionLedger(database.dataSource(), database.transactions(), database.dialect());
    }

    @AfterAll
    static void close() {
        OTHERS.shutdownNow();
        OPEN.values().forEach(TestDatabase::close);
    }

    private CompletableFuture<CheckBackAnswer> checkElsewhere(String id) {
        return CompletableFuture.supplyAsync(() -> instance().resolve(id), OTHERS);
    }

    private static <T> T get(CompletableFuture<T> future) {
        try {
            return future.get(60, TimeUnit.SECONDS);
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    @ParameterizedTest
    @MethodSource("combinations")
    void answersWhatBecameOfAnEndedTransaction(Server server, Isolation isolation) {
        begin(server, isolation);
        business.executeWithoutResult(status -> {
            database.business();
            ledger.recordCommitted(prefix + "committed");
        });
        business.executeWithoutResult(status -> {
            database.business();
            ledger.recordCommitted(prefix + "rolled back");
            status.setRollbackOnly();
        });
        business.executeWithoutResult(status -> {
            database.business();
            ledger.recordCommitted(prefix + "fenced itself");
            ledger.recordRolledBack(prefix + "fenced itself");
        });

        assertThat(ledger.resolve(prefix + "committed")).isEqualTo(CheckBackAnswer.COMMIT);
        assertThat(ledger.resolve(prefix + "rolled back")).isEqualTo(CheckBackAnswer.ROLLBACK);
        assertThat(ledger.resolve(prefix + "fenced itself")).isEqualTo(CheckBackAnswer.ROLLBACK);
    }

    @Scenario("messaging-15")
    @ParameterizedTest
    @MethodSource("combinations")
    void answersUnknownSoonWhileATransactionRunsAndThenAsItEnded(Server server, Isolation isolation) {
        begin(server, isolation);
        for (boolean commits : new boolean[] {true, false}) {
            String id = prefix + commits;
            business.executeWithoutResult(status -> {
                database.business();
                ledger.recordCommitted(id);
                // It does not end before the check has answered.
                long began = System.nanoTime();
                assertThat(get(checkElsewhere(id))).isEqualTo(CheckBackAnswer.UNKNOWN);
                assertThat(Duration.ofNanos(System.nanoTime() - began)).isLessThan(BOUNDED);
                if (!commits) {
                    status.setRollbackOnly();
                }
            });
            assertThat(ledger.resolve(id)).isEqualTo(commits ? CheckBackAnswer.COMMIT : CheckBackAnswer.ROLLBACK);
        }
    }

    @Scenario("messaging-16")
    @ParameterizedTest
    @MethodSource("combinations")
    void aTransactionThatIsFencedAfterItsFirstReadCannotCommit(Server server, Isolation isolation) {
        begin(server, isolation);
        assertThatExceptionOfType(TransactionFencedException.class)
                .isThrownBy(() -> business.executeWithoutResult(status -> {
                    // A snapshot, where this isolation has one, from before the tombstone.
                    database.business();
                    database.business("effect");
                    assertThat(get(checkElsewhere(prefix))).isEqualTo(CheckBackAnswer.ROLLBACK);
                    ledger.recordCommitted(prefix);
                }))
                .withMessageContaining("check-back came first");

        assertThat(database.business()).isEmpty();
        assertThat(ledger.resolve(prefix)).isEqualTo(CheckBackAnswer.ROLLBACK);
    }

    @Scenario("messaging-15")
    @ParameterizedTest
    @MethodSource("combinations")
    void checkBacksOfSeveralInstancesAgreeWhileTheyWaitForOneTransaction(Server server, Isolation isolation) {
        begin(server, isolation);
        for (int round = 0; round < 4; round++) {
            boolean commits = round % 2 == 0;
            String id = prefix + round;
            List<CompletableFuture<CheckBackAnswer>> answers = new ArrayList<>();
            business.executeWithoutResult(status -> {
                database.business();
                ledger.recordCommitted(id);
                CountDownLatch asking = new CountDownLatch(4);
                for (int i = 0; i < 4; i++) {
                    answers.add(CompletableFuture.supplyAsync(
                            () -> {
                                asking.countDown();
                                return instance().resolve(id);
                            },
                            OTHERS));
                }
                awaitUninterruptibly(asking);
                if (!commits) {
                    status.setRollbackOnly();
                }
            });
            CheckBackAnswer right = commits ? CheckBackAnswer.COMMIT : CheckBackAnswer.ROLLBACK;
            answers.forEach(answer -> assertThat(get(answer)).isIn(right, CheckBackAnswer.UNKNOWN));
            assertThat(get(checkElsewhere(id))).isEqualTo(right);
        }
    }

    /** Neighbours in the index, so that locks on gaps would show; no failure but a fence may reach a transaction. */
    @ParameterizedTest
    @MethodSource("combinations")
    void checksAndTransactionsOfNeighbouringIdsDoNotFailEachOther(Server server, Isolation isolation) {
        begin(server, isolation);
        long seed = System.nanoTime();
        List<Integer> order =
                new ArrayList<>(java.util.stream.IntStream.range(0, 32).boxed().toList());
        Collections.shuffle(order, new Random(seed));
        System.out.println(server + " " + isolation + " seed=" + seed);
        CyclicBarrier pairs = new CyclicBarrier(4);
        List<CompletableFuture<Void>> threads = new ArrayList<>();
        for (int thread = 0; thread < 4; thread++) {
            boolean checks = thread % 2 == 1;
            int half = thread / 2;
            threads.add(CompletableFuture.runAsync(
                    () -> {
                        for (int i = half; i < order.size(); i += 2) {
                            String id = prefix + "%02d".formatted(order.get(i));
                            await(pairs);
                            if (checks) {
                                instance().resolve(id);
                            } else {
                                commitOrBeFenced(id, order.get(i) % 3 == 0);
                            }
                        }
                    },
                    OTHERS));
        }
        threads.forEach(LedgerIsolationTest::get);

        List<String> effects = database.business();
        for (int i = 0; i < order.size(); i++) {
            String id = prefix + "%02d".formatted(i);
            assertThat(ledger.resolve(id))
                    .isEqualTo(effects.contains(id) ? CheckBackAnswer.COMMIT : CheckBackAnswer.ROLLBACK);
        }
    }

    private void commitOrBeFenced(String id, boolean rollsBack) {
        try {
            business.executeWithoutResult(status -> {
                database.business(id);
                ledger.recordCommitted(id);
                if (rollsBack) {
                    status.setRollbackOnly();
                }
            });
        } catch (TransactionFencedException e) {
            assertThat(ledger.resolve(id)).isEqualTo(CheckBackAnswer.ROLLBACK);
        }
    }

    private static void await(CyclicBarrier barrier) {
        try {
            barrier.await(60, TimeUnit.SECONDS);
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    private static void awaitUninterruptibly(CountDownLatch latch) {
        try {
            assertThat(latch.await(60, TimeUnit.SECONDS)).isTrue();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }
}
