package dev.tally.outbox.change;

import dev.tally.message.PayloadCodec;
import dev.tally.message.PayloadUnreadableException;
import dev.tally.outbox.change.EntityChange.PropertyChange;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Gives consumers typed views of what is in an {@link EntityChange}, by the application's codec. Thread-safe.
 *
 * <pre>{@code
 * @IdempotentConsumer(topic = "customer-changes", group = "billing")
 * public void on(EntityChange change) {
 *     switch (change.operation()) {
 *         case CREATED, UPDATED -> copies.save(reader.state(change, CustomerCopy.class));
 *         case DELETED -> copies.deleteById(reader.id(change, Long.class));
 *     }
 * }
 * }</pre>
 *
 * @since 0.1
 */
public final class EntityChangeReader {

    private final PayloadCodec codec;

    /** Creates a reader over the codec that payloads are read with. */
    public EntityChangeReader(PayloadCodec codec) {
        this.codec = codec;
    }

    /**
     * Reads a message's payload.
     *
     * @throws PayloadUnreadableException if it is no change
     */
    public EntityChange read(byte[] payload) {
        return codec.decode(payload, EntityChange.class);
    }

    /**
     * The identifier as {@code type}, for a composite one a class with its parts.
     *
     * @throws PayloadUnreadableException if it is not one
     */
    public <T> T id(EntityChange change, Class<T> type) {
        return codec.decode(codec.encode(change.id()), type);
    }

    /**
     * The state as {@code type}, a class with those of the properties that the consumer wants.
     *
     * @throws PayloadUnreadableException if it is not one
     */
    public <T> T state(EntityChange change, Class<T> type) {
        return codec.decode(codec.encode(change.state()), type);
    }

    /**
     * The value before the change of the property at {@code path}; empty where that did not change, or was {@code null}
     * or not known.
     *
     * @throws PayloadUnreadableException if it is no {@code type}
     */
    public <T> Optional<T> before(EntityChange change, String path, Class<T> type) {
        PropertyChange property = change.changed().get(path);
        return property == null ? Optional.empty() : as(property.from(), type);
    }

    /**
     * The value after the change of the property at {@code path}; empty where that did not change, or is {@code null}.
     *
     * @throws PayloadUnreadableException if it is no {@code type}
     */
    public <T> Optional<T> after(EntityChange change, String path, Class<T> type) {
        PropertyChange property = change.changed().get(path);
        return property == null ? Optional.empty() : as(property.to(), type);
    }

    private <T> Optional<T> as(@Nullable Object value, Class<T> type) {
        return value == null ? Optional.empty() : Optional.of(codec.decode(codec.encode(value), type));
    }
}
