package dev.tally.testkit.saga;

import dev.tally.audit.AuditEntry;
import dev.tally.message.Headers;
import dev.tally.message.JacksonPayloadCodec;
import dev.tally.message.Message;
import dev.tally.message.MessageId;
import dev.tally.message.MessageTypes;
import dev.tally.message.PayloadCodec;
import dev.tally.publish.MessagePublisher;
import dev.tally.publish.OutgoingMessage;
import dev.tally.saga.SagaListener;
import dev.tally.saga.SagaStart;
import dev.tally.saga.StepState;
import dev.tally.saga.definition.SagaDefinition;
import dev.tally.saga.engine.EngineParts;
import dev.tally.saga.engine.ReplyHandler;
import dev.tally.saga.engine.SagaAct;
import dev.tally.saga.engine.SagaDataCodec;
import dev.tally.saga.engine.SagaDefinitions;
import dev.tally.saga.engine.SagaOperations;
import dev.tally.saga.engine.SagaVersionReport;
import dev.tally.saga.engine.SagaWaker;
import dev.tally.saga.engine.TransactionalSagas;
import dev.tally.saga.lock.SagaLocks;
import dev.tally.saga.message.NoContent;
import dev.tally.saga.message.ReplyOutcome;
import dev.tally.saga.message.SagaCommand;
import dev.tally.saga.store.HistoryEntry;
import dev.tally.saga.store.Mail;
import dev.tally.saga.store.Parking;
import dev.tally.saga.store.SagaStore;
import dev.tally.saga.store.StoredSaga;
import dev.tally.transport.DeliveryOutcome;
import dev.tally.transport.ReceivedMessage;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.support.TransactionSynchronization;
import org.springframework.transaction.support.TransactionSynchronizationManager;
import org.springframework.transaction.support.TransactionTemplate;
import tools.jackson.databind.json.JsonMapper;

/**
 * An orchestrator without broker and participants: what it sends is kept, and the test answers. The clock stands still until
 * it is moved. For one test at a time; what is sent may come from several threads.
 *
 * @since 0.1
 */
public final class SagaWorld {

    private static final String REPLIES = "replies";
    private static final int BATCH = 50;

    private final SagaStore store;
    private final SagaLocks locks;
    private final PlatformTransactionManager transactions;
    private final PayloadCodec codec =
            new JacksonPayloadCodec(JsonMapper.builder().build());
    private final List<Message> sent = new ArrayList<>();
    private final List<AuditEntry> audited = new CopyOnWriteArrayList<>();
    private final AtomicLong ids = new AtomicLong();
    private volatile Instant now = Instant.parse("2026-01-01T00:00:00Z");

    /**
     * Creates a world.
     *
     * @param transactions of the data source of {@code store} and {@code locks}
     */
    public SagaWorld(SagaStore store, SagaLocks locks, PlatformTransactionManager transactions) {
        this.store = store;
        this.locks = locks;
        this.transactions = transactions;
    }

    /** A process with an orchestrator. */
    public final class Node {

        private final TransactionalSagas sagas;
        private final ReplyHandler replies;
        private final SagaWaker waker;
        private final SagaOperations operations;
        private final SagaVersionReport report;

        private Node(EngineParts parts) {
            report = new SagaVersionReport(store, parts.definitions());
            operations = new SagaOperations(parts, entry -> audited.add(entry), data -> {});
            sagas = new TransactionalSagas(parts, () -> {});
            replies = new ReplyHandler(parts);
            waker = new SagaWaker(parts, BATCH);
        }

        /** What applications call. */
        public TransactionalSagas sagas() {
            return sagas;
        }

        /** Does something by hand. */
        public void perform(String id, SagaAct act) {
            operations.perform(id, act, "ann", "because");
        }

        /** What start-up would tell of sagas that cannot go on. */
        public List<String> unrunnable() {
            return report.findings().stream()
                    .map(SagaVersionReport.Finding::text)
                    .toList();
        }

        /** What people do. */
        public SagaOperations operations() {
            return operations;
        }

        /** Starts a saga in a transaction of its own. */
        public SagaStart start(String saga, String key, Object data) {
            return Objects.requireNonNull(transaction().execute(status -> sagas.start(saga, key, data)));
        }

        /** Answers a command. */
        public DeliveryOutcome answer(Message command, ReplyOutcome outcome, @Nullable Object payload) {
            return deliver(List.of(reply(command, outcome, payload))).get(0);
        }

        /** Delivers replies. */
        public List<DeliveryOutcome> deliver(List<Message> messages) {
            return replies.handle(messages.stream()
                    .map(message -> new ReceivedMessage(message, 1))
                    .toList());
        }

        /** Wakes whatever is due. */
        public void wake() {
            boolean more = true;
            while (more) {
                more = waker.wakeSome().more();
            }
        }
    }

    /** A process with definitions. */
    public Node node(SagaDefinition<?>... definitions) {
        return node(SagaListener.NONE, definitions);
    }

    /** A process with definitions, of which somebody is told what happens. */
    public Node node(SagaListener listener, SagaDefinition<?>... definitions) {
        return new Node(new EngineParts(
                new SagaDefinitions(List.of(definitions)),
                store,
                locks,
                publisher(),
                codec,
                new SagaDataCodec(JsonMapper.builder().build()),
                transactions,
                () -> now,
                new Random(7),
                this::nextId,
                participant -> participant,
                REPLIES,
                listener));
    }

    private String nextId() {
        return "id-" + ids.incrementAndGet();
    }

    private MessagePublisher publisher() {
        return outgoing -> {
            MessageId id = new MessageId(nextId());
            Message message = message(id, outgoing);
            TransactionSynchronizationManager.registerSynchronization(new TransactionSynchronization() {
                @Override
                public void afterCommit() {
                    synchronized (sent) {
                        sent.add(message);
                    }
                }
            });
            return id;
        };
    }

    private Message message(MessageId id, OutgoingMessage outgoing) {
        return new Message(
                id,
                outgoing.destination(),
                outgoing.key(),
                MessageTypes.nameOf(outgoing.payload().getClass()),
                outgoing.headers(),
                codec.encode(outgoing.payload()));
    }

    /** A transaction. */
    public TransactionTemplate transaction() {
        return new TransactionTemplate(transactions);
    }

    /** A reply to a command. */
    public Message reply(Message command, ReplyOutcome outcome, @Nullable Object payload) {
        Object content = payload == null ? new NoContent() : payload;
        String reason = outcome == ReplyOutcome.DONE ? null : "the test says " + outcome.word();
        Headers headers = SagaCommand.of(command).reply(outcome, reason).headers();
        return message(
                new MessageId(nextId()),
                new OutgoingMessage(
                        new dev.tally.message.Destination(REPLIES, null),
                        command.key(),
                        content,
                        headers,
                        Duration.ZERO,
                        null,
                        dev.tally.publish.Via.OUTBOX));
    }

    /** Everything that was sent and not taken, in order. */
    public List<Message> sent() {
        synchronized (sent) {
            return List.copyOf(sent);
        }
    }

    /** The steps, with {@code undo} before those of compensations, of {@link #sent()}. */
    public List<String> sentSteps() {
        return sent().stream()
                .filter(message -> !message.destination().topic().equals(REPLIES))
                .map(SagaCommand::of)
                .map(command -> (command.undo() ? "undo " : "") + command.step())
                .toList();
    }

    /** As {@link #sentSteps()}, of one saga. */
    public List<String> sentSteps(String id) {
        return sent().stream()
                .filter(message -> id.equals(message.key()))
                .map(SagaCommand::of)
                .map(command -> (command.undo() ? "undo " : "") + command.step())
                .toList();
    }

    /** Takes the oldest command of a step, or of its compensation as {@code undo step}. */
    public Message take(String step) {
        synchronized (sent) {
            Message found = sent.stream()
                    .filter(message -> !message.destination().topic().equals(REPLIES))
                    .filter(message -> {
                        SagaCommand command = SagaCommand.of(message);
                        return step.equals((command.undo() ? "undo " : "") + command.step());
                    })
                    .findFirst()
                    .orElseThrow(() -> new AssertionError("no command of '" + step + "' was sent, but " + sentSteps()));
            sent.remove(found);
            return found;
        }
    }

    /** Takes the replies that sagas have sent to one another. */
    public List<Message> takeReplies() {
        synchronized (sent) {
            List<Message> replies = sent.stream()
                    .filter(message -> message.destination().topic().equals(REPLIES))
                    .toList();
            sent.removeAll(replies);
            return replies;
        }
    }

    /** Moves the clock. */
    public void passes(Duration time) {
        now = now.plus(time);
    }

    /** The time. */
    public Instant now() {
        return now;
    }

    /** A saga as it is kept. */
    public StoredSaga saga(String id) {
        return store.find(id).orElseThrow(() -> new AssertionError("there is no saga " + id));
    }

    /** Where a step is. */
    public StepState step(String id, String step) {
        return saga(id).step(step).state();
    }

    /** Why a saga is parked. */
    public Parking parking(String id) {
        Parking parking = saga(id).parking();
        if (parking == null) {
            throw new AssertionError("saga " + id + " is not parked but " + saga(id).state());
        }
        return parking;
    }

    /** What was done by hand. */
    public List<AuditEntry> audited() {
        return List.copyOf(audited);
    }

    /** The history of a saga. */
    public List<HistoryEntry> history(String id) {
        return store.history(id);
    }

    /** The replies that changed nothing. */
    public List<Mail> strays(String id) {
        return store.mail(List.of(id), Mail.Kind.STRAY);
    }
}
