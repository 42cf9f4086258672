package dev.tally.broker.server;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import dev.tally.broker.env.SimulatedDisk;
import dev.tally.broker.protocol.RequestCode;
import dev.tally.broker.protocol.WireMessage;
import dev.tally.testkit.scenario.Scenario;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import java.util.concurrent.CompletionException;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

/** What happens to a message that its consumers cannot handle, whenever the broker dies meanwhile. */
class DeadLetterTest {

    private static final String GROUP = "victims";
    private static final String LETTERS = "%DLQ%victims";
    private static final String RETRIES = "%RETRY%victims";
    private static final Logger LOG = (Logger) LoggerFactory.getLogger("dev.tally.broker");

    /** Hundreds of crashes, each of which fences a log. */
    @BeforeAll
    static void silence() {
        LOG.setLevel(Level.OFF);
    }

    @AfterAll
    static void speakAgain() {
        LOG.setLevel(null);
    }

    private static void limitTries(HandlerFixture broker, int tries) {
        broker.call(
                new HandlerFixture.Client(),
                RequestCode.UPDATE_AND_CREATE_SUBSCRIPTION_GROUP,
                "{\"groupName\":\"victims\",\"consumeEnable\":true,\"retryQueueNums\":1,\"retryMaxTimes\":" + tries
                        + "}");
    }

    @Scenario("broker-33")
    @Test
    void waitsLongerBeforeEachTryAndKeepsItAsDeadLetterAfterTheLast() {
        Duration[] levels =
                IntStream.range(0, 6).mapToObj(i -> Duration.ofSeconds(1L << i)).toArray(Duration[]::new);
        try (HandlerFixture broker = HandlerFixture.opened(levels)) {
            limitTries(broker, 3);
            long position = HandlerFixture.position(broker.send("troubled", "poison", "UNIQ_KEY\u0001u1\u0002"));
            for (int tried = 0; tried < 3; tried++) {
                assertThat(broker.sendBack(GROUP, position).code()).isZero();
                Duration backOff = Duration.ofSeconds(4L << tried);
                broker.advance(backOff.minusMillis(1));
                assertThat(broker.stored(RETRIES)).as("too early").hasSize(tried);
                broker.advance(Duration.ofMillis(1));
                assertThat(broker.stored(RETRIES)).as("due").hasSize(tried + 1);
                position = broker.stored(RETRIES).get(tried).position();
            }
            assertThat(broker.stored(LETTERS)).isEmpty();
            assertThat(broker.sendBack(GROUP, position).code()).isZero();
            assertThat(broker.bodies(LETTERS)).containsExactly("poison");
            assertThat(broker.stored(RETRIES)).hasSize(3);
        }
    }

    /** One run in which the consumer sends a message back until it is a dead letter, and hears of it or not. */
    private static HandlerFixture moveUntilCrash(int step) {
        HandlerFixture broker = new HandlerFixture(new SimulatedDisk(11).crashAtStep(step), List.of());
        try {
            broker.open();
            limitTries(broker, 0);
            for (String body : List.of("poison 1", "poison 2")) {
                var sent = broker.send("troubled", body, "UNIQ_KEY\u0001" + body + "\u0002");
                if (sent.code() == HandlerFixture.SUCCESS) {
                    broker.sendBack(GROUP, HandlerFixture.position(sent));
                }
            }
        } catch (UncheckedIOException e) {
            assertThat(broker.disk.crashed()).isTrue();
        }
        return broker;
    }

    @Scenario("broker-33")
    @Test
    void movesAMessageToTheDeadLettersOnceWhereverTheBrokerDies() {
        int steps = moveUntilCrash(Integer.MAX_VALUE).disk.steps();
        for (int step = 1; step <= steps + 1; step++) {
            for (SimulatedDisk.Loss loss : SimulatedDisk.Loss.values()) {
                try (HandlerFixture broker = moveUntilCrash(step)) {
                    broker.disk = broker.disk.afterCrash(loss, step);
                    broker.open();
                    limitTries(broker, 0);
                    // The consumer has not heard of it, or was told nothing: it gets its message again, and gives it
                    // up.
                    List<String> expected = broker.bodies("troubled");
                    for (int again = 0; again < 2; again++) {
                        broker.stored("troubled")
                                .forEach(message -> assertThat(broker.sendBack(GROUP, message.position())
                                                .code())
                                        .isZero());
                        assertThat(broker.bodies(LETTERS))
                                .as("step %s loss %s", step, loss)
                                .containsExactlyInAnyOrderElementsOf(expected);
                    }
                }
            }
        }
    }

    private static HandlerFixture replayUntilCrash(int step, int letters) {
        HandlerFixture broker = new HandlerFixture(new SimulatedDisk(12), List.of());
        try {
            broker.open();
            limitTries(broker, 0);
            for (int i = 0; i < letters; i++) {
                broker.sendBack(
                        GROUP,
                        HandlerFixture.position(broker.send("troubled", "p" + i, "UNIQ_KEY\u0001u" + i + "\u0002")));
            }
            if (step < Integer.MAX_VALUE) {
                broker.disk.crashAtStep(broker.disk.steps() + step);
            }
            broker.core.replayDeadLetters(GROUP).join();
        } catch (UncheckedIOException | CompletionException e) {
            assertThat(broker.disk.crashed()).isTrue();
        }
        return broker;
    }

    @Scenario("broker-34")
    @Test
    void replaysEachDeadLetterWhereverTheBrokerDiesAndRepeatsOnlyWithTheSameId() {
        int letters = 150;
        HandlerFixture whole = replayUntilCrash(Integer.MAX_VALUE, letters);
        assertThat(whole.bodies(RETRIES)).hasSize(letters);
        assertThat(whole.core.replayDeadLetters(GROUP).join()).as("nothing new").isZero();
        int crashes = 0;
        int repeated = 0;
        for (int step = 1; step <= 40; step++) {
            try (HandlerFixture broker = replayUntilCrash(step, letters)) {
                crashes += broker.disk.crashed() ? 1 : 0;
                broker.disk = broker.disk.afterCrash(SimulatedDisk.Loss.values()[step % 3], step);
                broker.open();
                broker.core.replayDeadLetters(GROUP).join();
                List<String> ids = new ArrayList<>();
                for (WireMessage message : broker.visible(RETRIES)) {
                    ids.add(message.properties().get("UNIQ_KEY"));
                    assertThat(message.properties().get("RETRY_TOPIC")).isEqualTo("troubled");
                    assertThat(message.reconsumeTimes()).isZero();
                }
                assertThat(new TreeSet<>(ids)).as("step %s", step).hasSize(letters);
                assertThat(ids.size()).as("step %s", step).isLessThanOrEqualTo(letters + 64);
                assertThat(broker.bodies(LETTERS)).as("the letters stay").hasSize(letters);
                repeated += ids.size() - letters;
            }
        }
        assertThat(crashes).as("crashes within the replay").isGreaterThan(5);
        assertThat(repeated).as("the case of a repetition was met").isPositive();
    }

    @Test
    void makesADeadLetterOfAReplayedMessageThatFailsAgain() {
        try (HandlerFixture broker = HandlerFixture.opened()) {
            limitTries(broker, 0);
            broker.sendBack(GROUP, HandlerFixture.position(broker.send("troubled", "p", "UNIQ_KEY\u0001u\u0002")));
            assertThat(broker.core.replayDeadLetters(GROUP).join()).isEqualTo(1);
            broker.sendBack(GROUP, broker.stored(RETRIES).get(0).position());
            assertThat(broker.bodies(LETTERS)).containsExactly("p", "p");
            broker.crashAndReopen();
            assertThat(broker.core.replayDeadLetters(GROUP).join()).isEqualTo(1);
        }
    }
}
