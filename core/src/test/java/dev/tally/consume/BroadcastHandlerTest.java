package dev.tally.consume;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tally.message.Destination;
import dev.tally.message.Headers;
import dev.tally.message.JacksonPayloadCodec;
import dev.tally.message.Message;
import dev.tally.message.MessageId;
import dev.tally.message.MessageType;
import dev.tally.testing.TestDatabase;
import dev.tally.transport.DeliveryOutcome.Delivered;
import dev.tally.transport.DeliveryOutcome.Retry;
import dev.tally.transport.DeliveryOutcome.Stop;
import dev.tally.transport.ReceivedMessage;
import dev.tally.transport.Subscription;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.springframework.transaction.support.TransactionSynchronizationManager;
import tools.jackson.databind.json.JsonMapper;

/** What each process does with a message that all of them get. */
class BroadcastHandlerTest {

    @MessageType("price")
    record Price(String item) {}

    private final TestDatabase database = TestDatabase.h2();
    private final List<String> handled = new ArrayList<>();
    private final List<String> events = new ArrayList<>();
    private final Set<String> failing = new HashSet<>();
    private FailureAction action = FailureAction.RETRY;

    @AfterEach
    void close() {
        database.close();
    }

    /** A broadcast's processes share none. */
    private static final class UntouchedInbox implements InboxStore {

        @Override
        public Set<MessageId> insertNew(String group, List<MessageId> ids) {
            throw new AssertionError("asked about " + ids);
        }

        @Override
        public int purge(Duration age, int limit) {
            throw new AssertionError("purged");
        }
    }

    private BroadcastHandler member() {
        ConsumeParts parts = ConsumeParts.of(
                        new UntouchedInbox(),
                        database.transactions(),
                        new JacksonPayloadCodec(new JsonMapper()),
                        () -> Instant.EPOCH)
                .with((ConsumeFailureRules) (context, failure) -> action)
                .with(new ConsumeListener() {
                    @Override
                    public void duplicate(String topic, String group) {
                        events.add("duplicate");
                    }

                    @Override
                    public void deadLettered(String topic, String group, String reason) {
                        events.add("given up: " + reason);
                    }
                });
        return new BroadcastHandler(
                new Subscription("prices", "caches", "*", 4, true, 3).toEachMember(),
                Price.class,
                (payload, context) -> {
                    assertThat(TransactionSynchronizationManager.isActualTransactionActive())
                            .isFalse();
                    String item = ((Price) payload).item();
                    handled.add(item);
                    if (failing.contains(item)) {
                        throw new IllegalStateException("no cache");
                    }
                },
                parts);
    }

    private static ReceivedMessage received(String item, String type, int attempt) {
        return new ReceivedMessage(
                new Message(
                        new MessageId("id-" + item),
                        Destination.topic("prices"),
                        "key",
                        type,
                        Headers.empty(),
                        ("{\"item\":\"" + item + "\"}").getBytes(StandardCharsets.UTF_8)),
                attempt);
    }

    private static ReceivedMessage price(String item, int attempt) {
        return received(item, "price", attempt);
    }

    @Test
    void eachProcessHandlesAMessageOnceWithoutInboxAndTransaction() {
        BroadcastHandler one = member();
        BroadcastHandler other = member();

        assertThat(one.handle(List.of(price("a", 1), price("a", 1)))).containsOnly(new Delivered());
        assertThat(other.handle(List.of(price("a", 1)))).containsOnly(new Delivered());

        assertThat(handled).containsExactly("a", "a");
        assertThat(events).containsExactly("duplicate");
    }

    @Test
    void whatFailsHoldsItsKeyAndIsGivenUpInTheEnd() {
        failing.add("a");
        BroadcastHandler member = member();

        assertThat(member.handle(List.of(price("a", 1), price("b", 1))))
                .containsExactly(
                        new Retry("IllegalStateException: no cache"),
                        new Retry("it waits for the one before it, id-a"));
        assertThat(member.handle(List.of(price("a", 3), price("b", 1)))).containsOnly(new Delivered());

        assertThat(handled).containsExactly("a", "a", "b");
        assertThat(events).containsExactly("given up: IllegalStateException: no cache");
    }

    @Test
    void whatCannotBeReadIsGivenUpAtOnceAndRulesDecideAboutFailures() {
        failing.add("a");
        BroadcastHandler member = member();

        assertThat(member.handle(List.of(received("x", "unheard-of", 1)))).containsOnly(new Delivered());
        action = FailureAction.SKIP;
        assertThat(member.handle(List.of(price("a", 1)))).containsOnly(new Delivered());
        action = FailureAction.STOP;
        assertThat(member.handle(List.of(price("a", 1), price("b", 1)))).hasOnlyElementsOfType(Stop.class);

        assertThat(handled).containsExactly("a", "a");
        assertThat(events).containsExactly("given up: type 'unheard-of' is unknown, this group takes [price]");
    }
}
