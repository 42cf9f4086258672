package dev.tally.publish;

import dev.tally.message.EncodedPayload;
import dev.tally.message.Headers;
import dev.tally.message.Message;
import dev.tally.message.MessageId;
import dev.tally.message.PayloadCodec;
import dev.tally.observation.MessageObservations;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Supplier;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.jdbc.datasource.DataSourceUtils;
import org.springframework.transaction.IllegalTransactionStateException;
import org.springframework.transaction.TransactionException;
import org.springframework.transaction.support.TransactionSynchronizationManager;

/**
 * Keeps messages with Spring's current transaction, and hands them to their paths right before its commit. Thread-safe;
 * each transaction has its own buffer.
 *
 * <p>The transaction must be one on this publisher's data source, because that is where the paths write. Messages of a
 * rolled back savepoint are dropped.
 *
 * @since 0.1
 */
public final class TransactionalMessagePublisher implements MessagePublisher, DeferredPublisher, WritesTo {

    private static final Logger log = LoggerFactory.getLogger(TransactionalMessagePublisher.class);

    private final PayloadCodec codec;
    private final Supplier<MessageId> ids;
    private final DataSource dataSource;
    private final Map<Via, PublishingPath> paths;
    private final List<PendingChanges> pendingChanges;
    private final PublishListener listener;
    private final InstantSource clock;
    private final MessageObservations observations;

    /** Creates a publisher that is not observed; otherwise as the other constructor. */
    public TransactionalMessagePublisher(
            PayloadCodec codec,
            Supplier<MessageId> ids,
            DataSource dataSource,
            Map<Via, PublishingPath> paths,
            List<PendingChanges> pendingChanges,
            PublishListener listener,
            InstantSource clock) {
        this(codec, ids, dataSource, paths, pendingChanges, listener, clock, MessageObservations.none());
    }

    /**
     * Creates a publisher.
     *
     * @param codec encodes payloads
     * @param ids gives each message its id
     * @param dataSource the data source whose transactions the messages belong to
     * @param paths the ways out; publishing through one that is missing fails
     * @param pendingChanges flushed before the messages are handed over
     * @param listener observes
     * @param clock says from when on delays count
     * @param observations observe each publishing, and give messages the headers by which a trace goes on
     */
    public TransactionalMessagePublisher(
            PayloadCodec codec,
            Supplier<MessageId> ids,
            DataSource dataSource,
            Map<Via, PublishingPath> paths,
            List<PendingChanges> pendingChanges,
            PublishListener listener,
            InstantSource clock,
            MessageObservations observations) {
        this.codec = codec;
        this.ids = ids;
        this.dataSource = TransactionMarks.unwrap(dataSource);
        this.paths = paths.isEmpty() ? Map.of() : new EnumMap<>(paths);
        this.pendingChanges = List.copyOf(pendingChanges);
        this.listener = listener;
        this.clock = clock;
        this.observations = observations;
    }

    @Override
    public MessageId publish(OutgoingMessage outgoing) {
        try {
            return publish(outgoing, () -> currentBuffer(outgoing, false)::add);
        } catch (TransactionException e) {
            throw CommitRefusedException.insteadOf(e);
        }
    }

    @Override
    public DeferredMessages defer(String topic, Supplier<List<OutgoingMessage>> source) {
        OutgoingMessage unknown = OutgoingMessage.to(topic).payload("").build();
        TransactionBuffer buffer;
        try {
            buffer = currentBuffer(unknown, true);
        } catch (TransactionException e) {
            throw CommitRefusedException.insteadOf(e);
        }
        buffer.defer(() -> {
            List<BufferedMessage> messages = new ArrayList<>();
            source.get().forEach(outgoing -> publish(outgoing, () -> messages::add));
            return messages;
        });
        return () -> buffer.handOverDeferred(refusal(unknown));
    }

    /** @param place where the message goes; not even asked for an encoding where there is none */
    private MessageId publish(OutgoingMessage outgoing, Supplier<Consumer<BufferedMessage>> place) {
        MessageId id = ids.get();
        return observations.publish(
                id,
                outgoing.destination(),
                outgoing.via().name(),
                outgoing.headers(),
                headers -> publish(outgoing, id, headers, place));
    }

    private MessageId publish(
            OutgoingMessage outgoing, MessageId id, Headers given, Supplier<Consumer<BufferedMessage>> place) {
        Consumer<BufferedMessage> buffer = place.get();
        Message message = encode(outgoing, id, given);
        PublishingPath path = path(outgoing);
        path.refusal(message).ifPresent(reason -> {
            throw new MessageRefusedException(refusal(outgoing) + "message " + id + " cannot be sent, " + reason
                    + "; nothing of it was published");
        });
        buffer.accept(new BufferedMessage(message, path, outgoing.via()));
        log.debug(
                "published messageId={} topic={} via={}",
                message.id(),
                message.destination().topic(),
                outgoing.via());
        try {
            listener.published(message, outgoing.via());
        } catch (RuntimeException e) {
            log.warn("a publish listener failed messageId={}", message.id(), e);
        }
        return id;
    }

    private Message encode(OutgoingMessage outgoing, MessageId id, Headers given) {
        EncodedPayload payload = outgoing.payload() instanceof EncodedPayload encoded
                ? encoded
                : EncodedPayload.of(outgoing.payload(), codec);
        Headers headers = given.with(Headers.CONTENT_TYPE, codec.contentType());
        headers = withTime(headers, outgoing);
        return new Message(id, outgoing.destination(), outgoing.key(), payload.type(), headers, payload.bytes());
    }

    private Headers withTime(Headers headers, OutgoingMessage outgoing) {
        Instant deliverAt = outgoing.deliverAt();
        if (deliverAt != null) {
            return deliverAt.isAfter(clock.instant())
                    ? headers.with(Headers.DELIVER_AT, Long.toString(deliverAt.toEpochMilli()))
                    : headers;
        }
        if (outgoing.delay().isZero()) {
            return headers;
        }
        long millis = Math.max(1, outgoing.delay().toMillis());
        return headers.with(Headers.DELAY, Long.toString(millis))
                .with(Headers.DELIVER_AT, Long.toString(clock.millis() + millis));
    }

    private PublishingPath path(OutgoingMessage outgoing) {
        PublishingPath path = paths.get(outgoing.via());
        if (path == null) {
            throw new PathMissingException(refusal(outgoing) + "via " + outgoing.via()
                    + " is not configured here, there is " + paths.keySet());
        }
        return path;
    }

    /** @param late whether the transaction may also be past its last {@code beforeCompletion} */
    private TransactionBuffer currentBuffer(OutgoingMessage outgoing, boolean late) {
        if (!TransactionSynchronizationManager.isActualTransactionActive()
                || !TransactionSynchronizationManager.isSynchronizationActive()) {
            throw new IllegalTransactionStateException(refusal(outgoing)
                    + "there is no transaction. Annotate the calling method with @Transactional (and call it through its"
                    + " bean), or use a TransactionTemplate; code that runs after a commit needs REQUIRES_NEW");
        }
        if (TransactionSynchronizationManager.isCurrentTransactionReadOnly()) {
            throw new IllegalTransactionStateException(refusal(outgoing) + transaction()
                    + " is read-only. Remove readOnly = true from the method that begins it");
        }
        if (TransactionSynchronizationManager.getResource(this) instanceof TransactionBuffer buffer) {
            buffer.assertOpen(refusal(outgoing), late);
            return buffer;
        }
        TransactionMark mark = TransactionMark.innermost();
        assertTransactionOnDataSource(outgoing, mark);
        TransactionPhase phase = mark == null ? TransactionPhase.ofFirstPublish() : mark.phase();
        if (phase == TransactionPhase.OVER || (mark == null && TransactionMark.isOver(dataSource))) {
            throw new IllegalTransactionStateException(refusal(outgoing) + TransactionBuffer.TOO_LATE);
        }
        TransactionBuffer buffer = new TransactionBuffer(
                this, pendingChanges, listener, this::rollBack, phase == TransactionPhase.COMMITTING);
        TransactionSynchronizationManager.registerSynchronization(buffer);
        TransactionSynchronizationManager.bindResource(this, buffer);
        return buffer;
    }

    private void assertTransactionOnDataSource(OutgoingMessage outgoing, @Nullable TransactionMark mark) {
        // An outer transaction on ours does not count: its connection is bound, and it ends another time.
        boolean foreign = mark != null && !mark.mayBeOn(dataSource);
        if (foreign || !hasTransaction()) {
            throw new IllegalTransactionStateException(refusal(outgoing)
                    + transaction() + (foreign ? " is one on " + mark + " and" : " is")
                    + " not one on the data source that Tally writes to (" + dataSource
                    + "). Begin it with the transaction manager of that data source: @Transactional(transactionManager ="
                    + " ...), or give Tally the data source that this one is on");
        }
    }

    /** Whether the current transaction has messages of this publisher. */
    boolean hasMessages() {
        return TransactionSynchronizationManager.hasResource(this);
    }

    /** Whether a transaction on the data source runs, not necessarily the innermost. */
    boolean hasTransaction() {
        return TransactionSynchronizationManager.hasResource(dataSource) && !isAutoCommit();
    }

    @Override
    public boolean writesTo(Object resource) {
        return resource == dataSource;
    }

    @Override
    public String targets() {
        return dataSource.toString();
    }

    /** With a foreign transaction, JdbcTemplate too binds a connection, but that one commits each statement. */
    private boolean isAutoCommit() {
        Connection connection = DataSourceUtils.getConnection(dataSource);
        try {
            return connection.getAutoCommit();
        } catch (SQLException e) {
            throw new IllegalTransactionStateException(
                    "Cannot publish: the transaction's connection to " + dataSource + " is unusable", e);
        } finally {
            DataSourceUtils.releaseConnection(connection, dataSource);
        }
    }

    /**
     * Rolls back what the thread's transaction wrote, where its manager did not.
     *
     * @return whether that was possible
     */
    private boolean rollBack() {
        if (!TransactionSynchronizationManager.hasResource(dataSource)) {
            return false;
        }
        try {
            Connection connection = DataSourceUtils.doGetConnection(dataSource);
            try {
                connection.rollback();
                return true;
            } finally {
                DataSourceUtils.doReleaseConnection(connection, dataSource);
            }
        } catch (SQLException | RuntimeException e) {
            log.error("a transaction that must not commit could not be rolled back dataSource={}", dataSource, e);
            return false;
        }
    }

    static String transaction() {
        return "transaction '" + TransactionSynchronizationManager.getCurrentTransactionName() + "'";
    }

    static String refusal(OutgoingMessage outgoing) {
        return "Cannot publish to '" + outgoing.destination().topic() + "': ";
    }
}
