package dev.tally.testkit;

import dev.tally.outbox.bridge.BridgeMapping;
import dev.tally.outbox.bridge.Peer;
import dev.tally.outbox.bridge.RecordedCall;
import java.sql.Timestamp;
import java.time.Instant;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import org.springframework.jdbc.core.JdbcTemplate;

/** A table as transaction-outbox has it since version 13 of its schema, without the library. */
final class RecordedCalls {

    static final Peer PEER = new Peer.TransactionOutbox(Peer.TransactionOutbox.TABLE);

    private final JdbcTemplate jdbc;

    /** Orders whose messages the outbox cannot take. */
    final Set<String> tooLong = ConcurrentHashMap.newKeySet();

    /** The order id is the message's payload, the topic its key. */
    final BridgeMapping mapping = row -> {
        String orderId = RecordedCall.of(row).argument(0).asString();
        String topic = tooLong.contains(orderId) ? "x".repeat(300) : "orders";
        return BridgeMapping.deliver(row.toMessage(topic, row.key(), "OrderPlaced", orderId));
    };

    RecordedCalls(JdbcTemplate jdbc) {
        this.jdbc = jdbc;
    }

    void createTables() {
        jdbc.execute("""
                CREATE TABLE TXNO_OUTBOX (
                    id VARCHAR(36) PRIMARY KEY,
                    invocation TEXT,
                    lastAttemptTime TIMESTAMP(6) NULL,
                    nextAttemptTime TIMESTAMP(6) NULL,
                    attempts INT,
                    blocked BOOLEAN,
                    version INT,
                    uniqueRequestId VARCHAR(250) NULL UNIQUE,
                    processed BOOLEAN,
                    topic VARCHAR(250) DEFAULT '*' NOT NULL,
                    seq BIGINT NULL)""");
    }

    String add(String topic, long seq, String orderId) {
        String id = UUID.randomUUID().toString();
        jdbc.update(
                "INSERT INTO TXNO_OUTBOX (id, uniqueRequestId, invocation, topic, seq, lastAttemptTime, nextAttemptTime,"
                        + " attempts, blocked, processed, version) VALUES (?, NULL, ?, ?, ?, NULL, ?, 0, ?, ?, 0)",
                id,
                "{\"c\":\"com.acme.Mailer\",\"m\":\"send\",\"p\":[\"String\"],\"a\":[{\"t\":\"String\",\"v\":\""
                        + orderId + "\"}]}",
                topic,
                seq,
                Timestamp.from(Instant.now()),
                false,
                false);
        return id;
    }
}
