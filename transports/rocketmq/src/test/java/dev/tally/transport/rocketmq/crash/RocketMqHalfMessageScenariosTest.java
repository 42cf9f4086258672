package dev.tally.transport.rocketmq.crash;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.tally.half.PreparedHalf;
import dev.tally.message.Destination;
import dev.tally.message.Headers;
import dev.tally.message.Message;
import dev.tally.message.MessageId;
import dev.tally.testkit.PostgresDatabase;
import dev.tally.testkit.TestDatabase;
import dev.tally.testkit.scenario.Scenario;
import dev.tally.transport.rocketmq.real.RealRocketMq;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The scenarios at a real RocketMQ. */
class RocketMqHalfMessageScenariosTest extends HalfMessageScenarios {

    private static RealRocketMq rocketMq;

    @BeforeAll
    static void startRocketMq() throws Exception {
        rocketMq = RealRocketMq.start();
    }

    @Override
    String nameServer() {
        return rocketMq.nameServerAddress();
    }

    @Override
    void createTopic(String name) {
        rocketMq.createTopic(name, 4);
    }

    @Override
    TestDatabase createDatabase() {
        return PostgresDatabase.create();
    }

    /** As far as it goes there: RocketMQ takes a repeated commit for a new one (apache/rocketmq#5574), so the id stays one. */
    @Scenario("messaging-20")
    @Test
    void aDecisionThatIsRepeatedMakesNoOtherMessage() throws Exception {
        List<PreparedHalf> committed = prepared("committed");
        List<PreparedHalf> rolledBack = prepared("rolled-back");
        for (int i = 0; i < 2; i++) {
            assertThat(service().transport().commit(committed).get(90, TimeUnit.SECONDS))
                    .isTrue();
            service().transport().rollback(rolledBack).get(90, TimeUnit.SECONDS);
        }

        await().atMost(Duration.ofSeconds(90))
                .until(() -> service().deliveries().contains("committed/0"));
        service().run(Script.plain("marker", 6));
        await().atMost(Duration.ofSeconds(90))
                .until(() -> service().deliveries().stream()
                                .filter(each -> each.startsWith("marker"))
                                .count()
                        >= 6);
        assertThat(service().deliveries()).doesNotContain("rolled-back/0");
    }

    private List<PreparedHalf> prepared(String transaction) throws Exception {
        byte[] payload = ("{\"transaction\":\"" + transaction + "\",\"part\":0}").getBytes(StandardCharsets.UTF_8);
        Message message = new Message(
                new MessageId("m-" + transaction),
                Destination.topic(topic()),
                null,
                "Placed",
                Headers.empty(),
                payload);
        return service().transport().prepare(transaction, List.of(message)).get(90, TimeUnit.SECONDS);
    }
}
