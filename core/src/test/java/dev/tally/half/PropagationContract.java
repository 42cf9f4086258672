package dev.tally.half;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tally.message.JacksonPayloadCodec;
import dev.tally.message.MessageId;
import dev.tally.publish.MessagePublisher;
import dev.tally.publish.OutgoingMessage;
import dev.tally.publish.PublishListener;
import dev.tally.publish.PublishingPath;
import dev.tally.publish.TransactionAdvicePlacement;
import dev.tally.publish.TransactionMarks;
import dev.tally.publish.TransactionalMessagePublisher;
import dev.tally.publish.TransactionalPublisher;
import dev.tally.publish.TransactionalPublisherAdvisor;
import dev.tally.publish.Via;
import dev.tally.testing.RecordingPath;
import dev.tally.testing.TestDatabase;
import dev.tally.testkit.scenario.Scenario;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.UnaryOperator;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.context.annotation.AnnotationConfigApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.transaction.IllegalTransactionStateException;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.TransactionTimedOutException;
import org.springframework.transaction.UnexpectedRollbackException;
import org.springframework.transaction.annotation.EnableTransactionManagement;
import org.springframework.transaction.annotation.Propagation;
import org.springframework.transaction.annotation.Transactional;
import org.springframework.transaction.interceptor.TransactionAspectSupport;
import tools.jackson.databind.json.JsonMapper;

/**
 * Each of Spring's kinds of transaction, by annotation: rows that are there and messages that left are the same ones, by
 * both ways out and on every database.
 */
abstract class PropagationContract {

    private static final AtomicInteger COUNTER = new AtomicInteger();

    abstract TestDatabase createDatabase();

    /** What a business method does. */
    @FunctionalInterface
    interface Work {
        void run() throws Exception;
    }

    static final class OutOfStockException extends RuntimeException {}

    /** One method for each kind of transaction. */
    static class Steps {

        @Transactional
        public void required(Work work) throws Exception {
            work.run();
        }

        @Transactional(propagation = Propagation.REQUIRES_NEW)
        public void requiresNew(Work work) throws Exception {
            work.run();
        }

        @Transactional(propagation = Propagation.NESTED)
        public void nested(Work work) throws Exception {
            work.run();
        }

        @Transactional(propagation = Propagation.MANDATORY)
        public void mandatory(Work work) throws Exception {
            work.run();
        }

        @Transactional(propagation = Propagation.SUPPORTS)
        public void supports(Work work) throws Exception {
            work.run();
        }

        @Transactional(propagation = Propagation.NOT_SUPPORTED)
        public void notSupported(Work work) throws Exception {
            work.run();
        }

        @Transactional(propagation = Propagation.NEVER)
        public void never(Work work) throws Exception {
            work.run();
        }

        @Transactional(readOnly = true)
        public void readOnly(Work work) throws Exception {
            work.run();
        }

        @Transactional(timeout = 1)
        public void inASecond(Work work) throws Exception {
            work.run();
        }

        @Transactional(rollbackFor = IOException.class, noRollbackFor = OutOfStockException.class)
        public void withRules(Work work) throws Exception {
            work.run();
        }

        @TransactionalPublisher(topic = "orders", payload = "#id")
        @Transactional(rollbackFor = IOException.class, noRollbackFor = OutOfStockException.class)
        public String annotatedThroughOutbox(String id, Work work) throws Exception {
            work.run();
            return id;
        }

        @TransactionalPublisher(topic = "orders", payload = "#id", via = Via.HALF_MESSAGE)
        @Transactional(rollbackFor = IOException.class, noRollbackFor = OutOfStockException.class)
        public String annotatedAsHalfMessage(String id, Work work) throws Exception {
            work.run();
            return id;
        }
    }

    @Configuration(proxyBeanMethods = false)
    @EnableTransactionManagement(proxyTargetClass = true)
    static class Application {

        @Bean
        static TransactionAdvicePlacement placement() {
            return new TransactionAdvicePlacement();
        }

        @Bean
        static TransactionalPublisherAdvisor advisor(ObjectProvider<MessagePublisher> publisher) {
            return new TransactionalPublisherAdvisor(publisher::getObject, UnaryOperator.identity());
        }

        @Bean
        Steps steps() {
            return new Steps();
        }
    }

    private final FakeHalfBroker broker = new FakeHalfBroker();
    private final RecordingPath outboxRecords = new RecordingPath();
    private TestDatabase database;
    private AnnotationConfigApplicationContext context;
    private Steps steps;
    private MessagePublisher publisher;
    private String nextId = "";
    private Via via = Via.OUTBOX;

    @BeforeEach
    void start() {
        database = createDatabase();
        TransactionMarks.on(database.transactions());
        database.jdbc().execute("CREATE TABLE outbox (id VARCHAR(64) NOT NULL)");
        PublishingPath outbox = messages -> {
            messages.forEach(message -> database.jdbc()
                    .update("INSERT INTO outbox (id) VALUES (?)", message.id().value()));
            return outboxRecords.prepare(messages);
        };
        TransactionLedger ledger =
                new JdbcTransactionLedger(database.dataSource(), database.transactions(), database.dialect());
        broker.onCheckBack(new LedgerCheckBack(ledger, new HalfMessageListener() {}));
        Duration patience = Duration.ofSeconds(60);
        InstantSource clock = InstantSource.system();
        HalfMessagePath half = new HalfMessagePath(
                broker,
                ledger,
                null,
                () -> "t" + COUNTER.incrementAndGet(),
                patience,
                new HalfMessageListener() {},
                new SettledTransactions(ledger, clock),
                HalfMessageBreaker.closed(patience, clock),
                clock);
        publisher = new TransactionalMessagePublisher(
                new JacksonPayloadCodec(new JsonMapper()),
                () -> new MessageId(nextId),
                database.dataSource(),
                Map.of(Via.OUTBOX, outbox, Via.HALF_MESSAGE, half),
                List.of(),
                new PublishListener() {},
                clock);
        context = new AnnotationConfigApplicationContext();
        context.registerBean("transactionManager", PlatformTransactionManager.class, database::transactions);
        context.registerBean("publisher", MessagePublisher.class, () -> publisher);
        context.register(Application.class);
        context.refresh();
        steps = context.getBean(Steps.class);
    }

    @AfterEach
    void close() {
        context.close();
        database.close();
    }

    /** A row and a message with one name. */
    private void effect(String id) {
        database.business(id);
        publish(id);
    }

    private void publish(String id) {
        nextId = id;
        publisher.publish(OutgoingMessage.to("orders").payload(id).via(via).build());
    }

    private void assertCommitted(String... ids) {
        broker.ask(); // whatever was left undecided
        assertThat(database.business()).containsExactlyInAnyOrder(ids);
        assertThat(left()).containsExactlyInAnyOrder(ids);
        assertThat(broker.undecided()).isZero();
        assertThat(database.jdbc().queryForList("SELECT id FROM outbox", String.class))
                .containsExactlyInAnyOrderElementsOf(
                        outboxRecords.left.stream().map(MessageId::value).toList());
    }

    private List<String> left() {
        List<String> left = new ArrayList<>(broker.visible());
        outboxRecords.left.forEach(id -> left.add(id.value()));
        return left;
    }

    private static void rollingBack() {
        TransactionAspectSupport.currentTransactionStatus().setRollbackOnly();
    }

    @Scenario("messaging-3")
    @ParameterizedTest
    @EnumSource(Via.class)
    void requiredTakesPartAndEndsWithTheOuterOne(Via via) throws Exception {
        this.via = via;
        steps.required(() -> {
            effect("outer");
            steps.required(() -> effect("inner"));
            assertThat(left()).isEmpty();
        });
        assertThatThrownBy(() -> steps.required(() -> {
                    steps.required(() -> effect("lost"));
                    throw new OutOfStockException();
                }))
                .isInstanceOf(OutOfStockException.class);
        assertThatExceptionOfType(UnexpectedRollbackException.class)
                .isThrownBy(() -> steps.required(() -> {
                    effect("doomed");
                    assertThatThrownBy(() -> steps.required(() -> {
                                throw new OutOfStockException();
                            }))
                            .isInstanceOf(OutOfStockException.class);
                    effect("after");
                }));

        assertCommitted("outer", "inner");
    }

    @Scenario("messaging-3")
    @ParameterizedTest
    @EnumSource(Via.class)
    void requiresNewEndsByItself(Via via) throws Exception {
        this.via = via;
        steps.required(() -> {
            effect("outer");
            steps.requiresNew(() -> effect("new"));
            assertThat(left()).containsExactly("new");
            steps.requiresNew(() -> {
                effect("lost");
                rollingBack();
            });
        });
        steps.required(() -> {
            effect("outer lost");
            steps.requiresNew(() -> effect("new of a lost one"));
            rollingBack();
        });

        assertCommitted("outer", "new", "new of a lost one");
    }

    @Scenario("messaging-3")
    @ParameterizedTest
    @EnumSource(Via.class)
    void aRolledBackSavepointTakesItsMessagesWithIt(Via via) throws Exception {
        this.via = via;
        steps.required(() -> {
            steps.nested(() -> {
                effect("first of all, lost");
                steps.nested(() -> effect("nested in lost"));
                rollingBack();
            });
            effect("outer");
            steps.nested(() -> effect("nested"));
            assertThatThrownBy(() -> steps.nested(() -> {
                        effect("lost");
                        throw new OutOfStockException();
                    }))
                    .isInstanceOf(OutOfStockException.class);
            steps.nested(() -> {
                effect("nested again");
                steps.nested(() -> {
                    effect("innermost lost");
                    rollingBack();
                });
            });
        });
        steps.nested(() -> effect("nested without an outer one"));

        assertCommitted("outer", "nested", "nested again", "nested without an outer one");
    }

    @Scenario("messaging-3")
    @ParameterizedTest
    @EnumSource(Via.class)
    void mandatoryTakesPartAndIsRefusedOutside(Via via) throws Exception {
        this.via = via;
        steps.required(() -> steps.mandatory(() -> effect("inside")));
        assertThatExceptionOfType(IllegalTransactionStateException.class)
                .isThrownBy(() -> steps.mandatory(() -> effect("outside")));

        assertCommitted("inside");
    }

    /** A row that is written there stays, so no message may be taken for one. */
    @Scenario("messaging-3")
    @ParameterizedTest
    @EnumSource(Via.class)
    void refusesWhereThereIsNoTransactionAlsoWithinASuspendedOne(Via via) throws Exception {
        this.via = via;
        steps.required(() -> {
            effect("outer");
            steps.notSupported(() -> assertRefused("there is no transaction"));
            steps.supports(() -> effect("supports inside"));
            assertThatExceptionOfType(IllegalTransactionStateException.class)
                    .isThrownBy(() -> steps.never(() -> effect("never inside")));
        });
        steps.never(() -> assertRefused("there is no transaction"));
        steps.supports(() -> assertRefused("there is no transaction"));
        steps.notSupported(() -> steps.required(() -> effect("required in unsupported")));

        assertCommitted("outer", "supports inside", "required in unsupported");
    }

    private void assertRefused(String why) {
        assertThatExceptionOfType(IllegalTransactionStateException.class)
                .isThrownBy(() -> publish("refused"))
                .withMessageContaining(why)
                .withMessageContaining("'orders'");
    }

    @Scenario("messaging-3")
    @ParameterizedTest
    @EnumSource(Via.class)
    void refusesInAReadOnlyTransactionButNotInANewOneWithinIt(Via via) throws Exception {
        this.via = via;
        steps.readOnly(() -> {
            assertRefused("read-only");
            steps.requiresNew(() -> effect("new"));
            steps.required(() -> assertRefused("read-only"));
        });
        steps.required(() -> {
            effect("outer");
            steps.readOnly(() -> effect("read-only has no effect within another"));
        });

        assertCommitted("new", "outer", "read-only has no effect within another");
    }

    @Scenario("messaging-3")
    @ParameterizedTest
    @EnumSource(Via.class)
    void nothingLeavesOfATransactionThatTimedOut(Via via) {
        this.via = via;
        assertThatExceptionOfType(TransactionTimedOutException.class)
                .isThrownBy(() -> steps.inASecond(() -> {
                    effect("lost");
                    Awaitility.await().pollInSameThread().until(this::isTimedOut);
                    database.business("too late");
                }));

        assertCommitted();
    }

    private boolean isTimedOut() {
        try {
            database.business("perhaps too late");
            return false;
        } catch (TransactionTimedOutException e) {
            return true;
        }
    }

    @Scenario("messaging-3")
    @ParameterizedTest
    @EnumSource(Via.class)
    void nothingLeavesOfATransactionThatIsMarkedForRollback(Via via) throws Exception {
        this.via = via;
        steps.required(() -> {
            effect("before");
            rollingBack();
            effect("after");
        });

        assertCommitted();
    }

    @Scenario("messaging-3")
    @ParameterizedTest
    @EnumSource(Via.class)
    void theRollbackRulesDecideAboutExceptions(Via via) {
        this.via = via;
        assertThatThrownBy(() -> steps.required(failing("checked commits", new IOException())))
                .isInstanceOf(IOException.class);
        assertThatThrownBy(() -> steps.required(failing("unchecked rolls back", new OutOfStockException())))
                .isInstanceOf(OutOfStockException.class);
        assertThatThrownBy(() -> steps.required(() -> {
                    effect("an error rolls back");
                    throw new AssertionError("on purpose");
                }))
                .hasMessage("on purpose");
        assertThatThrownBy(() -> steps.withRules(failing("rollbackFor", new FileNotFoundException())))
                .isInstanceOf(FileNotFoundException.class);
        assertThatThrownBy(() -> steps.withRules(failing("noRollbackFor", new OutOfStockException())))
                .isInstanceOf(OutOfStockException.class);

        assertCommitted("checked commits", "noRollbackFor");
    }

    private Work failing(String id, Exception failure) {
        return () -> {
            effect(id);
            throw failure;
        };
    }

    /** An annotated method has nothing to publish but what it returns, also where its exception commits. */
    @Scenario("messaging-3")
    @ParameterizedTest
    @EnumSource(Via.class)
    void anAnnotatedMethodPublishesWhatItReturnedAndNothingWhereItThrew(Via via) throws Exception {
        this.via = via;
        annotated("returned", () -> {});
        annotated("participant", () -> steps.required(() -> {}));
        assertThatThrownBy(() -> annotated("rollbackFor", () -> {
                    throw new IOException();
                }))
                .isInstanceOf(IOException.class);
        annotated("rollback-only", PropagationContract::rollingBack);
        assertThatThrownBy(() -> steps.required(() -> {
                    annotated("outer rolled back", () -> {});
                    throw new OutOfStockException();
                }))
                .isInstanceOf(OutOfStockException.class);

        assertCommitted("returned", "participant");
    }

    private void annotated(String id, Work work) throws Exception {
        Work withRow = () -> {
            database.business(id);
            work.run();
            nextId = id;
        };
        if (via == Via.OUTBOX) {
            steps.annotatedThroughOutbox(id, withRow);
        } else {
            steps.annotatedAsHalfMessage(id, withRow);
        }
    }
}
