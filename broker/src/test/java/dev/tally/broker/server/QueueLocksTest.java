package dev.tally.broker.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tally.broker.protocol.Command;
import dev.tally.broker.protocol.RequestCode;
import dev.tally.broker.protocol.ResponseCode;
import dev.tally.testkit.scenario.Scenario;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class QueueLocksTest {

    private final HandlerFixture broker = HandlerFixture.opened();
    private final HandlerFixture.Client first = new HandlerFixture.Client();
    private final HandlerFixture.Client second = new HandlerFixture.Client();

    @BeforeEach
    void topic() {
        broker.send("sequence", "one", "");
    }

    @AfterEach
    void close() {
        broker.close();
    }

    private boolean locks(HandlerFixture.Client client, String id) {
        Command answer = broker.call(client, RequestCode.LOCK_BATCH_QUEUES, body(id));
        return HandlerFixture.text(answer.body()).contains("\"queueId\":0");
    }

    private static String body(String id) {
        return "{\"consumerGroup\":\"strict\",\"clientId\":\"" + id
                + "\",\"mqSet\":[{\"topic\":\"sequence\",\"brokerName\":\"tally\",\"queueId\":0}]}";
    }

    private Command commits(HandlerFixture.Client client, long offset) {
        return broker.call(
                client,
                RequestCode.UPDATE_CONSUMER_OFFSET,
                "",
                "consumerGroup",
                "strict",
                "topic",
                "sequence",
                "queueId",
                0,
                "commitOffset",
                offset);
    }

    @Test
    void locksNoQueueThatThereIsNot() {
        for (String queue : List.of(
                "{\"topic\":\"absent\",\"brokerName\":\"tally\",\"queueId\":0}",
                "{\"topic\":\"sequence\",\"brokerName\":\"tally\",\"queueId\":-1}",
                "{\"topic\":\"sequence\",\"brokerName\":\"tally\",\"queueId\":1000000}")) {
            Command answer = broker.call(
                    first,
                    RequestCode.LOCK_BATCH_QUEUES,
                    "{\"consumerGroup\":\"strict\",\"clientId\":\"c1\",\"mqSet\":[" + queue + "]}");
            assertThat(HandlerFixture.text(answer.body())).as(queue).doesNotContain("queueId");
        }
    }

    @Scenario("broker-35")
    @Test
    void keepsAQueueForAClientThatMayStillBelieveInItsLockAfterItsConnectionIsGone() {
        assertThat(locks(first, "c1")).isTrue();
        broker.clock.advance(Duration.ofSeconds(10));
        assertThat(locks(first, "c1")).as("renewed").isTrue();
        broker.disconnect(first);
        assertThat(locks(second, "c2")).isFalse();
        broker.clock.advance(Duration.ofSeconds(31));
        assertThat(locks(second, "c2"))
                .as("the holder believes for 30 s from its answer")
                .isFalse();
        broker.clock.advance(Duration.ofSeconds(4));
        assertThat(locks(second, "c2")).isTrue();
        assertThat(locks(new HandlerFixture.Client(), "c1")).isFalse();
    }

    @Scenario("broker-35")
    @Scenario("broker-40")
    @Test
    void givesTheQueueBackToTheSameClientOnItsNextConnectionAtOnce() {
        assertThat(locks(first, "c1")).isTrue();
        broker.disconnect(first);
        HandlerFixture.Client again = new HandlerFixture.Client();
        assertThat(commits(again, 0).code()).isZero();
        assertThat(locks(again, "c1")).isTrue();
        broker.clock.advance(Duration.ofSeconds(40));
        assertThat(locks(second, "c2")).as("not ended by the old connection").isFalse();
    }

    @Scenario("broker-35")
    @Test
    void letsNoClientMoveTheOffsetOfAQueueThatAnotherHasLocked() {
        assertThat(locks(first, "c1")).isTrue();
        assertThat(commits(first, 0).code()).isZero();
        broker.clock.advance(Duration.ofSeconds(61));
        assertThat(locks(second, "c2")).as("expired without renewal").isTrue();

        Command late = commits(first, 1);

        assertThat(late.code()).isEqualTo(ResponseCode.ILLEGAL_OPERATION);
        assertThat(late.remark()).contains("another client holds the lock");
        assertThat(broker.store.committedOffset("strict", "sequence", 0)).hasValue(0);
        assertThat(commits(second, 1).code()).isZero();
    }

    @Scenario("broker-35")
    @Test
    void passesAQueueOnAtOnceThatItsHolderGivesBack() {
        assertThat(locks(first, "c1")).isTrue();
        broker.call(first, RequestCode.UNLOCK_BATCH_QUEUES, body("c1"));
        assertThat(locks(second, "c2")).isTrue();
    }
}
