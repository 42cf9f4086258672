package dev.tally.transport.rabbitmq;

import com.rabbitmq.client.AMQP;
import com.rabbitmq.client.impl.ContentHeaderPropertyWriter;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;

/** How much room a message's properties take: RabbitMQ wants them in one frame. */
final class WireSize {

    /** RabbitMQ's default of {@code frame_max}. */
    static final int FRAME_BYTES = 131_072;

    /** Room in the frame for what is written beside the properties, and for the reason why a message is a dead letter. */
    static final int RESERVED_BYTES = 8_192;

    static final int MAX_PROPERTIES_BYTES = FRAME_BYTES - RESERVED_BYTES;

    private WireSize() {}

    static long of(AMQP.BasicProperties properties) {
        DataOutputStream counted = new DataOutputStream(OutputStream.nullOutputStream());
        try {
            properties.writePropertiesTo(new ContentHeaderPropertyWriter(counted));
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot count bytes that go nowhere", e);
        }
        return counted.size();
    }
}
