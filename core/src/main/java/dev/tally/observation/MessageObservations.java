package dev.tally.observation;

import dev.tally.message.Destination;
import dev.tally.message.Headers;
import dev.tally.message.Message;
import dev.tally.message.MessageId;
import io.micrometer.observation.ObservationRegistry;
import java.util.Locale;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Makes the observations of {@link MessageObservationDocumentation}. Costs nothing where its registry observes nothing; a
 * failure of what observes is logged and goes no further. Thread-safe.
 *
 * @since 0.1
 */
public final class MessageObservations {

    private static final MessageObservations NONE = new MessageObservations(ObservationRegistry.NOOP, "none");

    private static final BatchProcessing UNOBSERVED = new BatchProcessing() {
        @Override
        public void left() {}

        @Override
        public void ended(MessageProcessContext.Outcome outcome, @Nullable Throwable failure) {}
    };

    private final ObservationRegistry registry;
    private final String messagingSystem;
    private final @Nullable MessagePublishObservationConvention publishConvention;
    private final @Nullable MessageProcessObservationConvention processConvention;
    private final @Nullable HalfPrepareObservationConvention prepareConvention;
    private final DefaultMessagePublishObservationConvention defaultPublish =
            new DefaultMessagePublishObservationConvention();
    private final DefaultMessageProcessObservationConvention defaultProcess =
            new DefaultMessageProcessObservationConvention();
    private final DefaultHalfPrepareObservationConvention defaultPrepare =
            new DefaultHalfPrepareObservationConvention();

    /**
     * Observations by the default conventions.
     *
     * @param messagingSystem the transport's name
     */
    public MessageObservations(ObservationRegistry registry, String messagingSystem) {
        this(registry, messagingSystem, null, null, null);
    }

    /**
     * Observations by conventions of the user's own.
     *
     * @param messagingSystem the transport's name
     * @param publish names publishing, {@code null} for the default
     * @param process names processing, {@code null} for the default
     * @param prepare names the preparation of half messages, {@code null} for the default
     */
    public MessageObservations(
            ObservationRegistry registry,
            String messagingSystem,
            @Nullable MessagePublishObservationConvention publish,
            @Nullable MessageProcessObservationConvention process,
            @Nullable HalfPrepareObservationConvention prepare) {
        this.registry = registry;
        this.messagingSystem = messagingSystem;
        this.publishConvention = publish;
        this.processConvention = process;
        this.prepareConvention = prepare;
    }

    /** No observations. */
    public static MessageObservations none() {
        return NONE;
    }

    /**
     * Observes the publishing of one message.
     *
     * @param via the name of the way it leaves
     * @param headers the user's headers
     * @param publishing given the headers that the message is to have: the user's, and those by which the trace goes on
     */
    public <T> T publish(
            MessageId id, Destination destination, String via, Headers headers, Function<Headers, T> publishing) {
        if (registry.isNoop()) {
            return publishing.apply(headers);
        }
        MessagePublishContext context =
                new MessagePublishContext(messagingSystem, id, destination, via.toLowerCase(Locale.ROOT));
        SafeObservation observation = SafeObservation.start(() -> MessageObservationDocumentation.PUBLISH.observation(
                publishConvention, defaultPublish, () -> context, registry));
        Map<String, String> ofTrace = context.getCarrier();
        Throwable failure = null;
        try {
            return publishing.apply(ofTrace == null ? headers : TraceHeaders.add(headers, ofTrace));
        } catch (RuntimeException | Error e) {
            failure = e;
            throw e;
        } finally {
            observation.stop(failure);
        }
    }

    /** Told how the processing of a delivery ends. */
    @FunctionalInterface
    public interface Processing {

        /** The delivery has ended with {@code outcome}, because of {@code failure} where there is one. */
        void ended(MessageProcessContext.Outcome outcome, @Nullable Throwable failure);
    }

    /**
     * Observes the processing of one delivery.
     *
     * @param topic the topic that {@code group} has subscribed
     * @param attempt which delivery of the message it is, from 1
     * @param work does it, and tells how it ends
     */
    public <T> T process(Message message, String topic, String group, int attempt, Function<Processing, T> work) {
        if (registry.isNoop()) {
            return work.apply((outcome, failure) -> {});
        }
        MessageProcessContext context = new MessageProcessContext(messagingSystem, message, topic, group, attempt);
        SafeObservation observation = processObservation(context);
        @Nullable Throwable[] failure = {null};
        try {
            return work.apply((outcome, reason) -> {
                context.end(outcome);
                failure[0] = reason;
            });
        } catch (RuntimeException | Error e) {
            context.end(MessageProcessContext.Outcome.FAILED);
            failure[0] = e;
            throw e;
        } finally {
            observation.stop(failure[0]);
        }
    }

    /** A delivery that is processed in a batch: its work is over before it is known how it ends. */
    public interface BatchProcessing extends Processing {

        /** Its own work is done, and it is no longer current; to be called once, on the thread that began it. */
        void left();
    }

    /**
     * Begins to observe the processing of one delivery of a batch, and makes it current. {@link BatchProcessing#left}
     * and then {@link Processing#ended} are to be called, once each.
     *
     * @param topic the topic that {@code group} has subscribed
     * @param attempt which delivery of the message it is, from 1
     */
    public BatchProcessing processing(Message message, String topic, String group, int attempt) {
        if (registry.isNoop()) {
            return UNOBSERVED;
        }
        MessageProcessContext context = new MessageProcessContext(messagingSystem, message, topic, group, attempt);
        SafeObservation observation = processObservation(context);
        return new BatchProcessing() {
            @Override
            public void left() {
                observation.leave();
            }

            @Override
            public void ended(MessageProcessContext.Outcome outcome, @Nullable Throwable failure) {
                context.end(outcome);
                observation.end(failure);
            }
        };
    }

    private SafeObservation processObservation(MessageProcessContext context) {
        return SafeObservation.start(() -> MessageObservationDocumentation.PROCESS.observation(
                processConvention, defaultProcess, () -> context, registry));
    }

    /** A commit that waits for the broker. */
    @FunctionalInterface
    public interface Preparing {

        /** The wait is over; to be called once, on the thread that began it. */
        void ended(HalfPrepareContext.Outcome outcome, @Nullable Throwable failure);
    }

    /** Begins to observe a wait for the {@code messages} half messages of a transaction. */
    public Preparing preparing(String transactionId, int messages) {
        if (registry.isNoop()) {
            return (outcome, failure) -> {};
        }
        HalfPrepareContext context = new HalfPrepareContext(messagingSystem, transactionId, messages);
        SafeObservation observation =
                SafeObservation.start(() -> MessageObservationDocumentation.HALF_PREPARE.observation(
                        prepareConvention, defaultPrepare, () -> context, registry));
        return (outcome, failure) -> {
            context.end(outcome);
            observation.stop(failure);
        };
    }
}
