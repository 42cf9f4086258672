package dev.tally.testkit;

import dev.tally.message.Headers;
import dev.tally.message.HeadersText;
import dev.tally.message.Message;
import dev.tally.publish.PublishingPath;
import dev.tally.publish.Settlement;
import dev.tally.saga.message.ReplyOutcome;
import dev.tally.saga.message.SagaReply;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.JdbcTemplate;

/** An outbox for replies that nobody empties: what is in it was committed with what it answers. Thread-safe. */
final class SentReplies implements PublishingPath {

    /** A reply. */
    record Sent(SagaReply reply, String topic, @Nullable String key, String type, String payload) {

        ReplyOutcome outcome() {
            return reply.outcome();
        }
    }

    private final JdbcTemplate jdbc;
    private final HeadersText headers = new HeadersText();
    private final AtomicLong next = new AtomicLong();
    private final AtomicInteger transactions = new AtomicInteger();

    SentReplies(JdbcTemplate jdbc) {
        this.jdbc = jdbc;
        jdbc.execute("CREATE TABLE sent_reply (seq BIGINT NOT NULL, topic VARCHAR(255) NOT NULL, msg_key VARCHAR(255),"
                + " type VARCHAR(255) NOT NULL, headers VARCHAR(4000) NOT NULL, payload VARCHAR(4000) NOT NULL)");
    }

    @Override
    public Settlement prepare(List<Message> messages) {
        for (Message message : messages) {
            jdbc.update(
                    "INSERT INTO sent_reply (seq, topic, msg_key, type, headers, payload) VALUES (?, ?, ?, ?, ?, ?)",
                    next.incrementAndGet(),
                    message.destination().topic(),
                    message.key(),
                    message.type(),
                    headers.write(message.headers()),
                    new String(message.payload(), StandardCharsets.UTF_8));
        }
        return new Settlement() {
            @Override
            public void committed() {
                transactions.incrementAndGet();
            }

            @Override
            public void rolledBack() {}

            @Override
            public void unknown() {}
        };
    }

    /** How many transactions with replies were committed. */
    int transactions() {
        return transactions.get();
    }

    /** The replies to a saga, in the order in which they were published. */
    List<Sent> to(String sagaId) {
        return jdbc.query(
                "SELECT topic, msg_key, type, headers, payload FROM sent_reply WHERE msg_key = ? ORDER BY seq",
                (row, number) ->
                        sent(row.getString(1), row.getString(2), row.getString(3), row.getString(4), row.getString(5)),
                sagaId);
    }

    private Sent sent(String topic, @Nullable String key, String type, String text, String payload) {
        Headers read = headers.read(text);
        Message message = new Message(
                new dev.tally.message.MessageId("reply"),
                dev.tally.message.Destination.topic(topic),
                key,
                type,
                read,
                new byte[0]);
        return new Sent(SagaReply.of(message), topic, key, type, payload);
    }
}
