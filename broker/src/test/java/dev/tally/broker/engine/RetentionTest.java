package dev.tally.broker.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tally.broker.env.SimulatedDisk;
import dev.tally.broker.half.CheckPolicy;
import dev.tally.broker.retention.RetentionConfig;
import dev.tally.broker.store.Decision;
import dev.tally.broker.store.DecisionOutcome;
import dev.tally.broker.store.HalfState;
import dev.tally.broker.store.ReadResult;
import dev.tally.broker.store.ReadResult.Status;
import dev.tally.broker.store.TopicConfig;
import dev.tally.testkit.scenario.Scenario;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class RetentionTest {

    private static final Duration EXPIRED = Duration.ofHours(73);
    private static final CheckPolicy ONE_CHECK = new CheckPolicy(
            Duration.ofSeconds(6), Duration.ofSeconds(10), Duration.ofMinutes(10), Duration.ofSeconds(2), 1);

    private final StoreFixture fixture = new StoreFixture();

    private void open(RetentionConfig retention) {
        fixture.config = fixture.config.withChecks(ONE_CHECK).withRetention(retention);
        fixture.open();
    }

    private void fill(String prefix, int messages) {
        for (int i = 0; i < messages; i++) {
            fixture.append(prefix + i + "x".repeat(900));
        }
    }

    private void consumeAll() {
        fixture.store
                .commitOffset("readers", StoreFixture.TOPIC, 0, fixture.store.maxOffset(StoreFixture.TOPIC, 0))
                .join();
    }

    private int segments() {
        return fixture.disk.list(StoreFixture.DIRECTORY.resolve("log")).size();
    }

    private List<String> readable() {
        long from = fixture.store.minOffset(StoreFixture.TOPIC, 0);
        return fixture
                .store
                .read(StoreFixture.TOPIC, 0, from, Integer.MAX_VALUE, Integer.MAX_VALUE, tag -> true)
                .messages()
                .stream()
                .map(StoreFixture::body)
                .toList();
    }

    private void restartFromTheLogAlone() {
        fixture.crash(SimulatedDisk.Loss.EVERYTHING);
        fixture.loseDerived();
        fixture.open();
    }

    @Scenario("broker-39")
    @Test
    void removesWhatIsConsumedAndKeepsWhatIsUndecidedScheduledOrNotConsumed() {
        open(RetentionConfig.defaults());
        long committedLater = fixture.prepare("committed later");
        long rolledBackLater = fixture.prepare("rolled back later");
        long parked = fixture.prepare("parked");
        long committedNow = fixture.prepare("committed now, consumed later");
        fixture.store
                .append(List.of(StoreFixture.message("in a week", Duration.ofDays(7))))
                .join();
        fill("consumed", 100);
        consumeAll();
        fixture.commit(committedNow);
        fill("waiting", 2);
        fixture.clock.advance(Duration.ofMinutes(1));
        parkEverything();
        fixture.clock.advance(EXPIRED);
        fill("young", 15);
        int before = segments();

        fixture.store.retain();

        assertThat(segments()).isLessThan(before - 3);
        List<String> kept = readable();
        assertThat(kept).contains("committed now, consumed later").hasSizeBetween(18, 40);
        assertThat(kept.subList(kept.size() - 18, kept.size())).noneMatch(body -> body.startsWith("consumed"));
        ReadResult below = fixture.store.read(StoreFixture.TOPIC, 0, 0, 10, 10, tag -> true);
        assertThat(below.status()).isEqualTo(Status.OFFSET_TOO_SMALL);
        assertThat(below.nextOffset())
                .isEqualTo(118 - kept.size())
                .isEqualTo(fixture.store.minOffset(StoreFixture.TOPIC, 0));
        for (int start = 0; start < 2; start++) {
            assertThat(readable()).isEqualTo(kept);
            assertThat(fixture.store.undecided(HalfState.PARKED, 10)).hasSize(3 - start);
            assertThat(fixture.store.stats().messages()).isEqualTo(118 + start);
            if (start == 0) {
                restartFromTheLogAlone();
                assertThat(fixture.commit(parked)).isEqualTo(new DecisionOutcome.Decided(Decision.COMMIT, 118, true));
                kept = new ArrayList<>(kept);
                kept.add("parked");
            }
        }
        restartFromTheLogAlone();
        assertThat(fixture.rollback(rolledBackLater))
                .isEqualTo(new DecisionOutcome.Decided(Decision.ROLLBACK, -1, true));
        assertThat(fixture.commit(committedLater)).isEqualTo(new DecisionOutcome.Decided(Decision.COMMIT, 119, true));
        fixture.clock.advance(Duration.ofDays(7));
        fixture.store.tick();
        assertThat(readable()).endsWith("parked", "committed later", "in a week");
    }

    private void parkEverything() {
        for (int round = 0; round < 3; round++) {
            fixture.store.pollDueChecks(10).forEach(half -> fixture.store.checkDelivered(half.position()));
            fixture.clock.advance(Duration.ofMinutes(15));
            fixture.store.tick();
        }
        fixture.store.pollDueChecks(10);
    }

    @Scenario("broker-39")
    @Test
    void aSegmentThatIsMostlyAlivePinsItselfAndSaysSo() {
        open(RetentionConfig.defaults());
        fill("never consumed", 60);
        fixture.clock.advance(EXPIRED);
        int before = segments();

        fixture.store.retain();

        assertThat(segments()).isEqualTo(before);
        assertThat(readable()).hasSize(60);
        assertThat(fixture.store.stats().pinnedBytes()).isGreaterThan(2 * 16 * 1024);
    }

    @Test
    void removesUnconsumedMessagesWhereThatIsTheRule() {
        open(RetentionConfig.defaults().withKeepUnconsumed(false));
        fill("never consumed", 60);
        fixture.clock.advance(EXPIRED);

        fixture.store.retain();
        restartFromTheLogAlone();

        assertThat(readable()).hasSizeLessThan(20);
        assertThat(fixture.store.maxOffset(StoreFixture.TOPIC, 0)).isEqualTo(60);
    }

    @Test
    void removesUnconsumedMessagesOfATopicThatSaysSoAndKeepsThemOfOneThatSaysThat() {
        for (boolean rule : new boolean[] {true, false}) {
            open(RetentionConfig.defaults().withKeepUnconsumed(rule));
            TopicConfig topic = fixture.store
                    .saveTopic(new TopicConfig(StoreFixture.TOPIC, 1, 1, 6, 0).withKeepUnconsumed(!rule))
                    .join();
            assertThat(topic.keepUnconsumed()).isEqualTo(!rule);
            fill("never consumed", 60);
            fixture.store
                    .saveTopic(new TopicConfig(StoreFixture.TOPIC, 1, 1, 6, 0))
                    .join();
            long first = fixture.store.minOffset(StoreFixture.TOPIC, 0);
            fixture.clock.advance(EXPIRED);

            fixture.store.retain();
            assertThat(fixture.store.minOffset(StoreFixture.TOPIC, 0) > first).isEqualTo(rule);
            restartFromTheLogAlone();

            assertThat(fixture.store.topic(StoreFixture.TOPIC).keepUnconsumed())
                    .as("saved again without saying so, and restarted")
                    .isEqualTo(!rule);
            assertThat(fixture.store.minOffset(StoreFixture.TOPIC, 0) > first).isEqualTo(rule);
            fixture.store.close();
        }
    }

    @Test
    void keepsTheLogBelowItsBoundInBytes() {
        open(RetentionConfig.defaults().withMaxBytes(64 * 1024));
        for (int round = 0; round < 10; round++) {
            fill("round" + round, 20);
            consumeAll();
            fixture.store.retain();
        }

        assertThat(segments()).isLessThanOrEqualTo(6);
        restartFromTheLogAlone();
        assertThat(fixture.store.maxOffset(StoreFixture.TOPIC, 0)).isEqualTo(200);
        assertThat(fixture.store.committedOffset("readers", StoreFixture.TOPIC, 0))
                .hasValue(200);
    }

    @Test
    void keepsTheCopyOfACopy() {
        open(RetentionConfig.defaults());
        long half = fixture.prepare("old");
        for (int week = 0; week < 5; week++) {
            fill("week" + week, 40);
            consumeAll();
            fixture.clock.advance(EXPIRED);
            fixture.store.retain();
        }
        restartFromTheLogAlone();

        assertThat(fixture.commit(half)).isEqualTo(new DecisionOutcome.Decided(Decision.COMMIT, 200, true));
        assertThat(readable()).endsWith("old");
        assertThat(fixture.store.messageAt(half)).isNotNull();
    }

    @Test
    void aQueueThatWasEmptiedGoesOnWithItsOffsets() {
        open(RetentionConfig.defaults());
        fixture.append("only one");
        consumeAll();
        for (int i = 0; i < 60; i++) {
            fixture.store.commitOffset("others", "elsewhere", 0, i).join();
            fixture.store
                    .append(List.of(new dev.tally.broker.store.NewMessage(
                            "elsewhere", 0, 0, java.nio.ByteBuffer.allocate(900), Duration.ZERO)))
                    .join();
        }
        fixture.store.commitOffset("others", "elsewhere", 0, 60).join();
        fixture.clock.advance(EXPIRED);
        fixture.store.retain();

        restartFromTheLogAlone();

        assertThat(fixture.store.minOffset(StoreFixture.TOPIC, 0)).isEqualTo(1);
        assertThat(fixture.append("next").queueOffset()).isEqualTo(1);
    }

    @Test
    void findsOffsetsByTheTimeAlsoAmongCopies() {
        open(RetentionConfig.defaults());
        fill("consumed", 60);
        consumeAll();
        fixture.clock.advance(Duration.ofHours(1));
        long time = fixture.clock.millis();
        fixture.append("copied");
        fixture.clock.advance(Duration.ofHours(1));
        fill("more", 1);
        fill("others", 0);
        fixture.store.commitOffset("others", "elsewhere", 0, 0).join();
        for (int i = 0; i < 40; i++) {
            fixture.store
                    .append(List.of(new dev.tally.broker.store.NewMessage(
                            "elsewhere", 0, 0, java.nio.ByteBuffer.allocate(900), Duration.ZERO)))
                    .join();
        }
        fixture.store.commitOffset("others", "elsewhere", 0, 40).join();
        fixture.clock.advance(EXPIRED);
        fixture.store.retain();
        restartFromTheLogAlone();

        assertThat(readable()).hasSize(2);
        assertThat(fixture.store.offsetByTime(StoreFixture.TOPIC, 0, time)).isEqualTo(60);
        assertThat(fixture.store.offsetByTime(StoreFixture.TOPIC, 0, time + 1)).isEqualTo(61);
    }
}
