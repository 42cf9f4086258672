package dev.tally.broker.server;

import static dev.tally.broker.server.HandlerFixture.SUCCESS;
import static org.assertj.core.api.Assertions.assertThat;

import dev.tally.broker.protocol.Command;
import dev.tally.broker.protocol.RequestCode;
import dev.tally.broker.protocol.ResponseCode;
import dev.tally.broker.protocol.WireMessage;
import dev.tally.broker.store.GroupConfig;
import dev.tally.testkit.scenario.Scenario;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What becomes of a message that consumers pop and do not acknowledge. */
class PopRetryTest {

    private static final String RETRY = "%RETRY%openers_letters";
    private static final String DEAD = "%DLQ%openers";

    private final HandlerFixture fixture = HandlerFixture.opened();

    @AfterEach
    void close() {
        fixture.close();
    }

    private Command pop(int queueId) {
        return fixture.call(
                RequestCode.POP_MESSAGE,
                "consumerGroup",
                "openers",
                "topic",
                "letters",
                "queueId",
                queueId,
                "maxMsgNums",
                16,
                "invisibleTime",
                10_000,
                "pollTime",
                0,
                "bornTime",
                0,
                "initMode",
                0);
    }

    private Command acknowledge(String topic, long offset, String handle) {
        return fixture.call(
                RequestCode.ACK_MESSAGE,
                "consumerGroup",
                "openers",
                "topic",
                topic,
                "queueId",
                0,
                "offset",
                offset,
                "extraInfo",
                handle);
    }

    private void afterItsTime() {
        fixture.advance(Duration.ofSeconds(10));
        fixture.core.receivingRound();
    }

    @Scenario("broker-33")
    @Test
    void keepsWhatNobodyAcknowledgesAsADeadLetterAfterTheGroupsLimit() {
        fixture.store.saveGroup(new GroupConfig("openers", true, 1, 2)).join();
        Command sent = fixture.send("letters", "poison", "KEYS\u0001k\u0002");
        for (int attempt = 0; attempt <= 2; attempt++) {
            assertThat(fixture.visible(DEAD)).isEmpty();
            Command popped = pop(-1);
            assertThat(popped.code()).as("attempt %s", attempt).isEqualTo(SUCCESS);
            assertThat(popped.fields().text("msgOffsetInfo")).startsWith(attempt == 0 ? "0 0 " : "1 0 ");
            fixture.crashAndReopen();
            if (fixture.store.poppedInFlight() == 0) {
                // A power cut took the delivery: the message is there for the next pop.
                assertThat(pop(-1).code()).isEqualTo(SUCCESS);
            }
            afterItsTime();
        }
        assertThat(pop(-1).code()).isEqualTo(ResponseCode.POLLING_TIMEOUT);
        List<WireMessage> dead = fixture.visible(DEAD);
        assertThat(dead).hasSize(1);
        assertThat(HandlerFixture.text(dead.get(0).body())).isEqualTo("poison");
        assertThat(dead.get(0).properties().get("KEYS")).isEqualTo("k");
        assertThat(dead.get(0).properties().get("DLQ_ORIGIN_TOPIC")).isEqualTo("letters");
        assertThat(dead.get(0).properties().get("RETRY_TOPIC")).isEqualTo("letters");
        assertThat(dead.get(0).properties().get("DLQ_ORIGIN_MESSAGE_ID"))
                .isEqualTo(sent.fields().requiredText("msgId"));
        afterItsTime();
        assertThat(fixture.visible(DEAD)).as("once").hasSize(1);
        assertThat(fixture.visible(RETRY))
                .extracting(WireMessage::reconsumeTimes)
                .containsExactly(1, 2);
    }

    @Test
    void answersWhatCannotBeEndedWithoutChangingAnything() {
        fixture.send("letters", "one", "");
        Command popped = pop(0);
        String popTime = popped.fields().requiredText("popTime");
        assertThat(acknowledge("nowhere", 0, "0 " + popTime + " 10000 0 0 tally 0 0")
                        .code())
                .isEqualTo(ResponseCode.TOPIC_NOT_EXIST);
        assertThat(acknowledge("letters", 0, "garbage").code()).isEqualTo(ResponseCode.INVALID_PARAMETER);
        assertThat(acknowledge("letters", 5, "0 " + popTime + " 10000 0 0 tally 0 5")
                        .code())
                .isEqualTo(ResponseCode.NO_MESSAGE);
        assertThat(acknowledge("letters", 0, "0 17 10000 0 0 tally 0 0").code()).isEqualTo(ResponseCode.NO_MESSAGE);
        assertThat(fixture.store.poppedInFlight()).isEqualTo(1);
        assertThat(acknowledge("letters", 0, "0 " + popTime + " 10000 0 0 tally 0 0")
                        .code())
                .isEqualTo(SUCCESS);
        assertThat(fixture.store.poppedInFlight()).isZero();
    }

    @Test
    void aGroupIsNotDeletedWhileItHasMessagesThatItDidNotAcknowledge() {
        fixture.send("letters", "one", "");
        String popTime = pop(0).fields().requiredText("popTime");
        assertThat(deleteGroup().code()).isEqualTo(ResponseCode.ILLEGAL_OPERATION);
        assertThat(deleteGroup().remark()).contains("1 messages wait");
        afterItsTime();
        assertThat(deleteGroup().code()).as("it waits to be popped again").isEqualTo(ResponseCode.ILLEGAL_OPERATION);
        assertThat(acknowledge("letters", 0, "0 " + popTime + " 10000 0 0 tally 0 0")
                        .code())
                .isEqualTo(ResponseCode.NO_MESSAGE);
        popTime = pop(0).fields().requiredText("popTime");
        assertThat(acknowledge(RETRY, 0, "0 " + popTime + " 10000 0 1 tally 0 0")
                        .code())
                .isEqualTo(SUCCESS);
        assertThat(deleteGroup().code()).isEqualTo(SUCCESS);
    }

    private Command deleteGroup() {
        return fixture.call(RequestCode.DELETE_SUBSCRIPTION_GROUP, "groupName", "openers", "cleanOffset", true);
    }

    @Test
    void refusesPopsThatCannotWork() {
        fixture.send("letters", "one", "");
        assertThat(pop(9).code()).isEqualTo(ResponseCode.INVALID_PARAMETER);
        fixture.store.saveGroup(new GroupConfig("openers", false, 1, 2)).join();
        assertThat(pop(0).code()).isEqualTo(ResponseCode.NO_PERMISSION);
        assertThat(fixture.store.poppedInFlight()).isZero();
    }

    @Test
    void assignsQueuesAsTheModeSays() {
        fixture.send("letters", "one", "");
        assertThat(assignment()).doesNotContain("messageQueueAssignments");
        HandlerFixture.Client client = new HandlerFixture.Client();
        fixture.heartbeat(client, "c1", "openers", "letters");
        assertThat(assignment()).contains("\"mode\":\"PULL\"").contains("\"queueId\":0");
        String mode = "{\"topic\":\"letters\",\"consumerGroup\":\"openers\",\"mode\":\"POP\",\"popShareQueueNum\":0}";
        assertThat(fixture.call(client, RequestCode.SET_MESSAGE_REQUEST_MODE, mode)
                        .code())
                .isEqualTo(SUCCESS);
        fixture.crashAndReopen();
        fixture.heartbeat(client, "c1", "openers", "letters");
        assertThat(assignment()).contains("\"mode\":\"POP\"").contains("\"queueId\":-1");
        assertThat(fixture.call(
                                client,
                                RequestCode.SET_MESSAGE_REQUEST_MODE,
                                mode.replace("\"letters\"", "\"%RETRY%openers\""))
                        .code())
                .isEqualTo(ResponseCode.NO_PERMISSION);
    }

    private String assignment() {
        String question =
                "{\"topic\":\"letters\",\"consumerGroup\":\"openers\",\"clientId\":\"c1\",\"strategyName\":\"AVG\","
                        + "\"messageModel\":\"CLUSTERING\"}";
        Command answer = fixture.call(new HandlerFixture.Client(), RequestCode.QUERY_ASSIGNMENT, question);
        assertThat(answer.code()).isEqualTo(SUCCESS);
        return HandlerFixture.text(answer.body());
    }
}
