package dev.tally.consume;

import dev.tally.message.Message;
import dev.tally.message.PayloadCodec;
import dev.tally.message.PayloadUnreadableException;
import dev.tally.message.PayloadUpcasters;
import dev.tally.transport.ReceivedMessage;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Reads the payloads of a group's messages, those of an earlier time made into present ones. Thread-safe. */
final class PayloadReader {

    /** A delivery, and its payload or why there is none. */
    sealed interface Reading {

        ReceivedMessage received();

        default Message message() {
            return received().message();
        }
    }

    record Decoded(ReceivedMessage received, Object payload) implements Reading {}

    /** @param failure what the codec said, if it was asked */
    record Undecodable(
            ReceivedMessage received,
            String reason,
            @Nullable Throwable failure) implements Reading {}

    private final PayloadTypes types;
    private final PayloadCodec codec;
    private final PayloadUpcasters upcasters;
    private final PayloadValidator validator;

    private PayloadReader(
            PayloadTypes types, PayloadCodec codec, PayloadUpcasters upcasters, PayloadValidator validator) {
        this.types = types;
        this.codec = codec;
        this.upcasters = upcasters;
        this.validator = validator;
    }

    /** Reads what a handler takes, checked where it asks for that. */
    static PayloadReader of(Class<?> payloadClass, PayloadHandler handler, ConsumeParts parts) {
        PayloadValidator validator = handler.takesValidOnly() ? parts.validator() : null;
        return new PayloadReader(
                new PayloadTypes(payloadClass),
                parts.codec(),
                parts.upcasters(),
                validator == null ? payload -> List.of() : validator);
    }

    Reading read(ReceivedMessage received) {
        Message message = received.message();
        try {
            PayloadUpcasters.Upcast upcast = upcasters.apply(message, types::contains);
            Class<?> type = upcast.type().isBlank() ? types.only() : types.classOf(upcast.type());
            return type == null
                    ? new Undecodable(received, unknown(message.type(), upcast.type()), null)
                    : validated(received, codec.decode(upcast.payload(), type));
        } catch (PayloadUnreadableException e) {
            return new Undecodable(received, Failures.reasonOf(e), e);
        } catch (RuntimeException e) {
            // Of a validator, or of what the payload does while it is looked at: it is this message's, and no other's.
            return new Undecodable(received, "reading its payload failed: " + Failures.reasonOf(e), e);
        }
    }

    private Reading validated(ReceivedMessage received, Object payload) {
        List<String> faults = validator.faultsOf(payload);
        return faults.isEmpty()
                ? new Decoded(received, payload)
                : new Undecodable(received, "its payload is not valid: " + String.join("; ", faults), null);
    }

    private String unknown(String type, String upcast) {
        return "type '" + type + "' is unknown" + (upcast.equals(type) ? "" : ", as is '" + upcast + "', made of it")
                + ", this group takes " + types;
    }
}
