package dev.tally.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tally.consume.deadletter.JdbcDeadLetterStore;
import dev.tally.message.Destination;
import dev.tally.message.EncodedPayload;
import dev.tally.message.JacksonPayloadCodec;
import dev.tally.message.Message;
import dev.tally.message.MessageId;
import dev.tally.observation.MessageObservations;
import dev.tally.publish.PublishListener;
import dev.tally.publish.TransactionalMessagePublisher;
import dev.tally.publish.Via;
import dev.tally.saga.message.ReplyOutcome;
import dev.tally.saga.message.SagaCommand;
import dev.tally.saga.participant.BarrierStore;
import dev.tally.saga.participant.JdbcBarrierStore;
import dev.tally.saga.participant.ParticipantParts;
import dev.tally.transport.DeliveryOutcome;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.support.JdbcTransactionManager;
import org.springframework.transaction.PlatformTransactionManager;
import tools.jackson.databind.json.JsonMapper;

/** A participant on two nodes with one database, and commands for it. */
abstract class ParticipantFixture {

    static final Duration RETENTION = Duration.ofDays(90);

    private final JacksonPayloadCodec codec = new JacksonPayloadCodec(new JsonMapper());
    private final AtomicLong ids = new AtomicLong();
    private final ExecutorService threads = Executors.newFixedThreadPool(4);
    private TestDatabase database;
    private JdbcTransactionManager transactions;
    private BarrierStore barrier;
    private Instant now;

    /** The participant of both nodes. */
    StockParticipant stock;

    /** What it has answered. */
    SentReplies replies;

    /** A node. */
    ParticipantNode node;

    /** Another one. */
    ParticipantNode other;

    @SuppressWarnings("NullAway.Init") // JUnit calls open() before each test.
    ParticipantFixture() {}

    /** An empty database with Tally's tables. */
    protected abstract TestDatabase createDatabase();

    /**
     * The barrier under test, on a database that {@link #createDatabase} opened; Tally's own if this is not overridden.
     *
     * @param transactions the transaction manager that the suite's transactions run with
     */
    protected BarrierStore createBarrier(TestDatabase database, PlatformTransactionManager transactions) {
        return new JdbcBarrierStore(database.dataSource(), transactions, database.dialect());
    }

    @BeforeEach
    void open() {
        database = createDatabase();
        transactions = new JdbcTransactionManager(database.dataSource());
        barrier = createBarrier(database, transactions);
        jdbc().execute("CREATE TABLE business (saga_id VARCHAR(64) NOT NULL, what VARCHAR(64) NOT NULL)");
        replies = new SentReplies(jdbc());
        stock = new StockParticipant(jdbc());
        now = Objects.requireNonNull(jdbc().queryForObject(
                        "SELECT "
                                + database.dialect()
                                        .epochMicros(database.dialect().now()),
                        (row, number) -> Instant.ofEpochMilli(row.getLong(1) / 1000)));
        node = node(UnaryOperator.identity());
        other = node(UnaryOperator.identity());
    }

    @AfterEach
    void close() {
        threads.shutdownNow();
        database.close();
    }

    ParticipantNode node(UnaryOperator<MessageObservations> observations) {
        return new ParticipantNode(
                StockParticipant.class, stock, parts(observations.apply(MessageObservations.none())));
    }

    private ParticipantParts parts(MessageObservations observations) {
        TransactionalMessagePublisher publisher = new TransactionalMessagePublisher(
                codec,
                () -> new MessageId("reply-" + ids.incrementAndGet()),
                database.dataSource(),
                Map.of(Via.OUTBOX, replies),
                List.of(),
                new PublishListener() {},
                () -> now,
                observations);
        ParticipantParts parts = ParticipantParts.of(barrier, transactions, publisher, codec, () -> now);
        return new ParticipantParts(
                barrier,
                transactions,
                publisher,
                codec,
                () -> now,
                parts.listener(),
                observations,
                parts.upcasters(),
                new JdbcDeadLetterStore(database.dataSource(), database.dialect()),
                RETENTION,
                ParticipantParts.DEFAULT_WORK_LIMIT);
    }

    JdbcTemplate jdbc() {
        return new JdbcTemplate(database.dataSource());
    }

    BarrierStore barrier() {
        return barrier;
    }

    Instant now() {
        return now;
    }

    void passes(Duration time) {
        now = now.plus(time);
    }

    /** As if a process had died while it worked outside of a transaction, and the limit of work had passed since. */
    void workLimitPasses() {
        jdbc().update("UPDATE tally_saga_barrier SET claimed_at = "
                + database.dialect().epoch() + " WHERE claimed_at IS NOT NULL");
    }

    SagaCommand action(String saga) {
        return new SagaCommand(saga, "order", "step", 1, false, null, now, "saga-replies");
    }

    SagaCommand undo(String saga) {
        return new SagaCommand(saga, "order", "step", 1, true, null, now, "saga-replies");
    }

    static SagaCommand attempt(SagaCommand command, int attempt) {
        return new SagaCommand(
                command.sagaId(),
                command.sagaName(),
                command.step(),
                attempt,
                command.undo(),
                command.deadline(),
                command.startedAt(),
                command.replyTo());
    }

    static SagaCommand until(SagaCommand command, Instant deadline) {
        return new SagaCommand(
                command.sagaId(),
                command.sagaName(),
                command.step(),
                command.attempt(),
                command.undo(),
                deadline,
                command.startedAt(),
                command.replyTo());
    }

    Message message(SagaCommand command, Object payload) {
        EncodedPayload encoded = EncodedPayload.of(payload, codec);
        return new Message(
                new MessageId("command-" + ids.incrementAndGet()),
                Destination.topic("stock-commands"),
                command.sagaId(),
                encoded.type(),
                command.headers(),
                encoded.bytes());
    }

    Message reserve(String saga) {
        return reserve(saga, "lamp");
    }

    Message reserve(String saga, String item) {
        return message(action(saga), new StockParticipant.Reserve(item));
    }

    Message release(String saga) {
        return message(undo(saga), new StockParticipant.Release("lamp"));
    }

    Message charge(String saga) {
        return message(action(saga), new StockParticipant.Charge("visa"));
    }

    Message refund(String saga) {
        return message(undo(saga), new StockParticipant.Refund("visa"));
    }

    List<String> effects(String saga) {
        return jdbc().queryForList("SELECT what FROM business WHERE saga_id = ? ORDER BY what", String.class, saga);
    }

    List<ReplyOutcome> outcomes(String saga) {
        return replies.to(saga).stream().map(SentReplies.Sent::outcome).toList();
    }

    @Nullable String state(String saga) {
        return jdbc()
                .queryForList("SELECT state FROM tally_saga_barrier WHERE saga_id = ?", String.class, saga)
                .stream()
                .findFirst()
                .orElse(null);
    }

    /** Delivers, and expects that everything was acknowledged. */
    void delivered(ParticipantNode to, Message... messages) {
        assertThat(to.deliver(messages)).hasSize(messages.length).allMatch(DeliveryOutcome.Delivered.class::isInstance);
    }

    /** Begins all of {@code work} at the same moment, and waits for it. */
    void together(List<Runnable> work) throws Exception {
        CyclicBarrier start = new CyclicBarrier(work.size());
        List<CompletableFuture<Void>> all = new ArrayList<>();
        for (Runnable each : work) {
            all.add(CompletableFuture.runAsync(
                    () -> {
                        Object unused = awaited(() -> start.await(60, TimeUnit.SECONDS));
                        each.run();
                    },
                    threads));
        }
        for (CompletableFuture<Void> each : all) {
            each.get(120, TimeUnit.SECONDS);
        }
    }

    /** Runs {@code work} on another thread. */
    <T> CompletableFuture<T> beside(Supplier<T> work) {
        return CompletableFuture.supplyAsync(work, threads);
    }

    /** Something that may be interrupted. */
    interface Waiting<T> {
        T run() throws Exception;
    }

    static <T> T awaited(Waiting<T> waiting) {
        try {
            return waiting.run();
        } catch (Exception e) {
            throw new IllegalStateException("Cannot go on: the wait failed", e);
        }
    }
}
