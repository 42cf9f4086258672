package dev.tally.broker.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tally.broker.protocol.Command;
import dev.tally.broker.protocol.RequestCode;
import dev.tally.broker.protocol.ResponseCode;
import dev.tally.broker.store.NewHalf;
import dev.tally.broker.store.NewMessage;
import dev.tally.broker.store.TopicConfig;
import dev.tally.testkit.scenario.Scenario;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DeletionTest {

    private static final String HALF = "TRAN_MSG\u0001true\u0002PGROUP\u0001deciders\u0002UNIQ_KEY\u0001u\u0002";

    private final HandlerFixture broker = HandlerFixture.opened(Duration.ofSeconds(5));

    @AfterEach
    void close() {
        broker.close();
    }

    private Command deleteTopic(String topic) {
        return broker.call(RequestCode.DELETE_TOPIC_IN_BROKER, "topic", topic);
    }

    private Command deleteGroup(String group) {
        return broker.call(RequestCode.DELETE_SUBSCRIPTION_GROUP, "groupName", group, "cleanOffset", true);
    }

    private static void assertRefused(Command answer, String because) {
        assertThat(answer.code()).as("%s", answer.remark()).isEqualTo(ResponseCode.ILLEGAL_OPERATION);
        assertThat(answer.remark()).contains(because);
    }

    private static void assertDone(Command answer) {
        assertThat(answer.code()).as("%s", answer.remark()).isZero();
    }

    private Command commit(long position) {
        return broker.call(
                RequestCode.END_TRANSACTION,
                "producerGroup",
                "deciders",
                "commitLogOffset",
                position,
                "commitOrRollback",
                8);
    }

    @Scenario("broker-38")
    @Test
    void keepsATopicWhileAHalfMessageOfItIsUndecided() {
        long half = HandlerFixture.position(broker.send("deals", "half", HALF));
        assertRefused(deleteTopic("deals"), "1 undecided half messages");
        assertRefused(deleteGroup("deciders"), "1 half messages are its to decide");
        broker.crashAndReopen();
        assertRefused(deleteTopic("deals"), "1 undecided half messages");
        assertDone(commit(half));
        assertThat(broker.bodies("deals")).containsExactly("half");
        assertDone(deleteTopic("deals"));
        assertDone(deleteGroup("deciders"));
    }

    @Scenario("broker-38")
    @Test
    void keepsATopicWhileADelayedMessageOfItIsNotDue() {
        broker.send("reminders", "later", "DELAY\u00011\u0002");
        assertRefused(deleteTopic("reminders"), "1 delayed messages");
        broker.advance(Duration.ofSeconds(6));
        assertThat(broker.bodies("reminders")).containsExactly("later");
        assertDone(deleteTopic("reminders"));
    }

    @Scenario("broker-38")
    @Test
    void letsAHalfMessageWinThatIsWrittenTogetherWithTheDeletion() {
        broker.store.saveTopic(new TopicConfig("deals", 1, 1, 6, 0)).join();
        NewMessage message = new NewMessage("deals", 0, 0, ByteBuffer.wrap(new byte[] {1}), Duration.ZERO);
        broker.workers.hold();
        var half = broker.store.prepare(new NewHalf(message, "deciders", "tx", null));
        CompletableFuture<Boolean> topic = broker.store.deleteTopic("deals");
        CompletableFuture<Boolean> group = broker.store.deleteGroup("deciders", true);
        broker.workers.release();

        assertThat(topic).isCompletedWithValue(false);
        assertThat(group).isCompletedWithValue(false);
        broker.crashAndReopen();
        assertThat(broker.store.topic("deals")).isNotNull();
        assertDone(commit(half.join().position()));
        assertThat(broker.stored("deals")).hasSize(1);
    }

    @Scenario("broker-38")
    @Test
    void takesMessagesAndOffsetsAwayAndNeverUsesAnOffsetAgain() {
        broker.send("orders", "old", "");
        broker.store.commitOffset("stock", "orders", 0, 1).join();
        assertDone(deleteTopic("orders"));
        for (int restart = 0; restart < 3; restart++) {
            assertThat(broker.store.topic("orders")).isNull();
            assertThat(broker.store.minOffset("orders", 0))
                    .isEqualTo(broker.store.maxOffset("orders", 0))
                    .isEqualTo(1);
            assertThat(broker.store.committedOffset("stock", "orders", 0)).isEmpty();
            broker.crashAndReopen();
        }
        assertDone(deleteTopic("orders"));
        assertDone(broker.call(RequestCode.DELETE_TOPIC_IN_NAME_SERVER, "topic", "orders"));
        broker.send("orders", "new", "");
        broker.crashAndReopen();
        assertThat(broker.bodies("orders")).containsExactly("new");
        assertThat(broker.store.committedOffset("stock", "orders", 0)).isEmpty();
    }

    @Scenario("broker-38")
    @Test
    void keepsATopicAndAGroupWhoseConsumersAreOnline() {
        broker.send("orders", "one", "");
        HandlerFixture.Client consumer = new HandlerFixture.Client();
        assertDone(broker.heartbeat(consumer, "c1", "stock", "orders"));
        assertRefused(deleteTopic("orders"), "[stock] subscribe to it");
        assertRefused(deleteGroup("stock"), "members [c1] are online");
        broker.disconnect(consumer);
        assertDone(deleteGroup("stock"));
        assertDone(deleteTopic("orders"));
        assertThat(broker.store.group("stock")).isNull();
        assertThat(broker.store.topic("%RETRY%stock")).isNull();
    }

    @Scenario("broker-38")
    @Test
    void keepsAGroupWhoseRetriesAreNotConsumed() {
        long position = HandlerFixture.position(broker.send("orders", "poison", ""));
        HandlerFixture.Client consumer = new HandlerFixture.Client();
        broker.heartbeat(consumer, "c1", "stock", "orders");
        assertDone(broker.sendBack("stock", position));
        broker.disconnect(consumer);
        assertRefused(deleteGroup("stock"), "1 messages wait to be delivered to it again");
        broker.advance(Duration.ofSeconds(6));
        assertThat(broker.bodies("%RETRY%stock")).containsExactly("poison");
        assertRefused(deleteGroup("stock"), "1 messages wait to be delivered to it again");
        assertRefused(deleteTopic("%RETRY%stock"), "belongs to consumer group stock");
        broker.store.commitOffset("stock", "%RETRY%stock", 0, 1).join();
        assertDone(deleteGroup("stock"));
        broker.crashAndReopen();
        assertThat(broker.store.group("stock")).isNull();
        assertThat(broker.store.committedOffsets("stock")).isEmpty();
    }

    @Scenario("broker-38")
    @ParameterizedTest
    @ValueSource(strings = {"TBW102", "RMQ_SYS_TRACE_TOPIC", "SCHEDULE_TOPIC_XXXX", "tally", "cluster"})
    void neverTouchesTheTopicsOfTheProtocol(String topic) {
        broker.store.saveTopic(new TopicConfig(topic, 1, 1, 6, 0)).join();
        assertRefused(deleteTopic(topic), "belongs to the protocol");
        assertThat(broker.store.topic(topic)).isNotNull();
        assertRefused(deleteGroup("CID_RMQ_SYS_TRANS"), "belongs to the protocol");
    }
}
