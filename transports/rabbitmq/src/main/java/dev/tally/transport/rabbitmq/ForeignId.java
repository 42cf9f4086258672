package dev.tally.transport.rabbitmq;

import com.rabbitmq.client.AMQP;
import com.rabbitmq.client.Envelope;
import dev.tally.message.MessageId;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.security.DigestOutputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** The id of a message whose sender gave it none: a digest of all that is the same at each delivery. */
final class ForeignId {

    private ForeignId() {}

    static MessageId ofContent(Envelope envelope, AMQP.BasicProperties properties, byte[] body) {
        MessageDigest digest = sha256();
        try (DataOutputStream out =
                new DataOutputStream(new DigestOutputStream(OutputStream.nullOutputStream(), digest))) {
            write(out, envelope.getExchange());
            write(out, envelope.getRoutingKey());
            write(out, properties.getContentType());
            write(out, properties.getContentEncoding());
            write(out, properties.getCorrelationId());
            write(out, properties.getReplyTo());
            write(out, properties.getType());
            write(out, properties.getUserId());
            write(out, properties.getAppId());
            write(out, WireHeaders.text(properties.getTimestamp()));
            Map<String, Object> headers = properties.getHeaders();
            for (Map.Entry<String, Object> header :
                    new TreeMap<>(headers == null ? Map.<String, Object>of() : headers).entrySet()) {
                // What the broker writes changes from one delivery to the next.
                if (!WireHeaders.isBrokersOwn(header.getKey())) {
                    write(out, header.getKey());
                    write(
                            out,
                            header.getValue() instanceof byte[] bytes
                                    ? Arrays.toString(bytes)
                                    : String.valueOf(header.getValue()));
                }
            }
            out.write(body);
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot digest bytes in memory", e);
        }
        return new MessageId(HexFormat.of().formatHex(digest.digest()));
    }

    private static void write(DataOutputStream out, @Nullable String text) throws IOException {
        if (text == null) {
            out.writeInt(-1);
            return;
        }
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        out.writeInt(bytes.length);
        out.write(bytes);
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("Every Java platform has SHA-256", e);
        }
    }
}
