package dev.tally.broker.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tally.broker.env.SimulatedDisk.Loss;
import dev.tally.broker.protocol.Command;
import dev.tally.broker.protocol.Fields;
import dev.tally.broker.protocol.RequestCode;
import dev.tally.broker.request.RepeatPolicy;
import dev.tally.testkit.scenario.Scenario;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class RecentSendsTest {

    private final CoreFixture fixture = new CoreFixture().open();
    private final FakeConnection first = new FakeConnection(1001);
    private final FakeConnection second = new FakeConnection(1002);

    @BeforeEach
    void topicExists() {
        fixture.send(first, 0, "", "creates the topic");
        assertThat(fixture.visible()).isEqualTo(1);
    }

    @AfterEach
    void close() {
        fixture.close();
    }

    private void storesTwo() {
        assertThat(fixture.visible()).isEqualTo(3);
        assertThat(fixture.core.repeatedSends()).isZero();
    }

    @Test
    void aRepeatAfterTheConnectionBrokeGetsTheFirstAnswer() {
        Fields answer = fixture.send(first, 1, "k", "m");
        fixture.gone(first);
        fixture.advanceMillis(3000);

        Fields again = fixture.send(second, 2, "k", "m");

        assertThat(again.asMap()).isEqualTo(answer.asMap());
        assertThat(again.text("queueId")).isEqualTo("1");
        assertThat(fixture.visible()).isEqualTo(2);
        assertThat(fixture.core.repeatedSends()).isEqualTo(1);
    }

    @Scenario("broker-11")
    @Test
    void aRepeatThatComesBeforeTheFirstIsDurableWaitsForItAndGetsItsAnswer() {
        fixture.workers.hold();
        Command send = fixture.send(CoreFixture.TOPIC, 1, "k", "m", Map.of());
        fixture.receive(first, send);
        fixture.advanceMillis(3000);
        Command again = fixture.send(CoreFixture.TOPIC, 2, "k", "m", Map.of());
        fixture.receive(first, again);
        assertThat(CoreFixture.answerTo(first, send)).isNull();
        assertThat(CoreFixture.answerTo(first, again)).isNull();

        fixture.workers.release();

        assertThat(CoreFixture.answerTo(first, again)).isEqualTo(CoreFixture.answerTo(first, send));
        assertThat(fixture.visible()).isEqualTo(2);
    }

    @Test
    void aRepeatRightAfterAKillIsRecognised() {
        Fields answer = fixture.send(first, 1, "k", "m");
        fixture.advanceMillis(2000);
        fixture.send(first, 1, "", "later");
        fixture.crashAndReopen(Loss.EVERYTHING);
        fixture.advanceMillis(60_000);

        assertThat(fixture.send(second, 3, "k", "m").asMap()).isEqualTo(answer.asMap());
        assertThat(fixture.visible()).isEqualTo(3);
    }

    @Test
    void whatWasStoredLongBeforeAKillIsStoredAgain() {
        fixture.send(first, 1, "k", "m");
        fixture.advanceMillis(5001);
        fixture.send(first, 1, "", "later");
        fixture.crashAndReopen(Loss.EVERYTHING);

        fixture.send(second, 3, "k", "m");

        assertThat(fixture.visible()).isEqualTo(4);
    }

    @Test
    void theSameMessageSentOnPurposeOverTheSameConnectionIsStoredEachTime() {
        for (int i = 0; i < 50; i++) {
            fixture.send(first, 1, "k", "m");
            fixture.advanceMillis(i * 20);
        }

        assertThat(fixture.visible()).isEqualTo(51);
        // The key does not tell messages apart, so it is never taken for one again, whatever breaks.
        fixture.gone(first);
        fixture.send(second, 1, "k", "m");
        assertThat(fixture.visible()).isEqualTo(52);
    }

    @Test
    void theSameMessageSentWithoutWaitingIsStoredEachTime() {
        fixture.workers.hold();
        for (int i = 0; i < 10; i++) {
            fixture.receive(first, fixture.send(CoreFixture.TOPIC, 1, "k", "m", Map.of()));
            fixture.advanceMillis(5);
        }
        fixture.workers.release();

        assertThat(fixture.visible()).isEqualTo(11);
    }

    @Test
    void oneWaySendsAreNotRecognised() {
        for (int i = 0; i < 3; i++) {
            Command send = fixture.send(CoreFixture.TOPIC, 1, "k", "m", Map.of());
            fixture.receive(
                    first,
                    new Command(
                            send.form(),
                            send.code(),
                            send.language(),
                            send.version(),
                            send.opaque(),
                            2,
                            null,
                            send.fields(),
                            send.body()));
            fixture.gone(first);
        }
        assertThat(fixture.visible()).isEqualTo(4);
    }

    @Test
    void aSenderThatWasHeardAfterTheAnswerKnowsIt() {
        fixture.send(first, 1, "k", "m");
        fixture.advanceMillis(1500);
        fixture.heartbeat(first, CoreFixture.GROUP);
        fixture.gone(first);

        fixture.send(second, 1, "k", "m");

        storesTwo();
    }

    @Test
    void aSenderThatSaidGoodbyeKnowsTheAnswer() {
        fixture.send(first, 1, "k", "m");
        fixture.receive(
                first,
                fixture.request(
                        RequestCode.UNREGISTER_CLIENT,
                        Fields.of("clientID", "c", "producerGroup", CoreFixture.GROUP),
                        ""));
        fixture.gone(first);

        fixture.send(second, 1, "k", "m");

        storesTwo();
    }

    @Test
    void anotherClientThatSendsTheSameMessageWhileTheFirstIsConnectedIsNoRepeat() {
        fixture.send(first, 1, "k", "m");
        fixture.advanceMillis(500);

        fixture.send(second, 1, "k", "m");

        storesTwo();
    }

    @Test
    void anotherMessageUnderTheSameKeyIsStored() {
        fixture.send(first, 1, "k", "m");
        fixture.gone(first);

        fixture.send(second, 1, "k", "another");

        storesTwo();
    }

    @Test
    void aReceivedMessageThatIsSentOnIsStored() {
        fixture.send(first, 1, "k", "m");
        fixture.gone(first);

        // Consumers find properties in what they receive that the first sender did not set.
        fixture.exchange(second, fixture.send(CoreFixture.TOPIC, 1, "k", "m", Map.of("MIN_OFFSET", "0")));
        storesTwo();
        fixture.exchange(second, fixture.send("elsewhere", 1, "k", "m", Map.of()));
        assertThat(fixture.store.maxOffset("elsewhere", 1)).isEqualTo(1);
    }

    @Test
    void copiesForRetryTopicsAndDeadLettersAreNeverRepeats() {
        for (String topic : new String[] {"%RETRY%readers", "%DLQ%readers"}) {
            FakeConnection one = new FakeConnection(1);
            fixture.exchange(one, fixture.send(topic, 0, "k", "m", Map.of()));
            fixture.gone(one);
            fixture.exchange(second, fixture.send(topic, 0, "k", "m", Map.of()));
            assertThat(fixture.store.maxOffset(topic, 0)).as(topic).isEqualTo(2);
        }
    }

    @Test
    void theWindowIsBoundedAndCanBeSwitchedOff() {
        fixture.send(first, 1, "k", "m");
        fixture.gone(first);
        fixture.advanceMillis(Duration.ofMinutes(10).toMillis());
        fixture.send(second, 1, "k", "m");
        storesTwo();

        fixture.repeats = new RepeatPolicy(0, Duration.ofMinutes(10));
        fixture.crashAndReopen(Loss.EVERYTHING);
        fixture.send(second, 1, "k", "m");
        assertThat(fixture.visible()).isEqualTo(4);
    }

    @Test
    void delayedMessagesAreRecognisedToo() {
        Map<String, String> delay = Map.of("TIMER_DELAY_SEC", "60");
        Fields answer = fixture.exchange(first, fixture.send(CoreFixture.TOPIC, 1, "k", "m", delay));
        fixture.gone(first);
        Fields again = fixture.exchange(second, fixture.send(CoreFixture.TOPIC, 2, "k", "m", delay));

        assertThat(again.text("msgId")).isEqualTo(answer.text("msgId"));
        assertThat(fixture.store.stats().scheduled()).isEqualTo(1);
    }

    @Scenario("broker-28")
    @Test
    void aRepeatedPrepareAnswersTheSameIdsAndAnotherMessageIsRefusedAsIllegal() {
        Command prepare = fixture.prepare(first, "k", "m");
        fixture.advanceMillis(3000);
        Command again = fixture.prepare(second, "k", "m");
        Command other = fixture.prepare(second, "k", "another");

        assertThat(CoreFixture.answerTo(second, again)).isEqualTo(CoreFixture.answerTo(first, prepare));
        assertThat(CoreFixture.codeOf(second, other)).isEqualTo(13);
        assertThat(fixture.store.stats().halves()).isEqualTo(1);
    }
}
