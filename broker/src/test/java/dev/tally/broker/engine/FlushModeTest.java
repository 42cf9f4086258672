package dev.tally.broker.engine;

import static dev.tally.broker.engine.StoreFixture.TOPIC;
import static org.assertj.core.api.Assertions.assertThat;

import dev.tally.broker.env.ManualClock;
import dev.tally.broker.env.SimulatedDisk;
import dev.tally.broker.env.SimulatedDisk.Loss;
import dev.tally.broker.store.Decision;
import dev.tally.broker.store.DecisionOutcome.Decided;
import dev.tally.broker.store.FlushMode;
import dev.tally.broker.store.NewMessage;
import dev.tally.broker.store.TopicConfig;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class FlushModeTest {

    private final StoreFixture fixture = StoreFixture.opened();

    private void makeAsynchronous() {
        fixture.store
                .saveTopic(new TopicConfig(TOPIC, 1, 1, 6, 0).withFlush(FlushMode.ASYNC))
                .join();
    }

    @Test
    void answersAboutAnAsynchronousTopicDoNotWaitForTheForce() {
        makeAsynchronous();
        int forces = fixture.disk.forces;

        fixture.append("a");
        long half = fixture.prepare("h");
        assertThat(fixture.commit(half)).isEqualTo(new Decided(Decision.COMMIT, 1, true));
        fixture.store.commitOffset("readers", TOPIC, 0, 2).join();

        assertThat(fixture.disk.forces).isEqualTo(forces);
        assertThat(fixture.visible()).containsExactly("a", "h");
        fixture.clock.advance(Duration.ofMillis(200));
        fixture.store.tick();
        assertThat(fixture.disk.forces).isEqualTo(forces + 1);
        fixture.crashAndReopen();
        assertThat(fixture.visible()).containsExactly("a", "h");
        assertThat(fixture.store.committedOffset("readers", TOPIC, 0)).hasValue(2);
    }

    @Test
    void answersAboutOtherTopicsWaitAndForceEverythingBefore() {
        makeAsynchronous();
        fixture.append("a");
        int forces = fixture.disk.forces;
        fixture.store
                .append(List.of(new NewMessage("other", 0, 1, ByteBuffer.wrap(new byte[3]), Duration.ZERO)))
                .join();
        assertThat(fixture.disk.forces).isEqualTo(forces + 1);
        fixture.crashAndReopen();
        assertThat(fixture.visible()).containsExactly("a");
        assertThat(fixture.store.maxOffset("other", 0)).isEqualTo(1);
    }

    @Test
    void aTopicKeepsItsFlushAndANewOneGetsTheDefault() {
        makeAsynchronous();
        fixture.store.saveTopic(new TopicConfig(TOPIC, 2, 2, 6, 0)).join();
        fixture.store.saveTopic(new TopicConfig("other", 2, 2, 6, 0)).join();
        fixture.store.close();
        fixture.config = fixture.config.withDefaultFlush(FlushMode.ASYNC);
        fixture.crashAndReopen();

        fixture.store.saveTopic(new TopicConfig("third", 2, 2, 6, 0)).join();

        assertThat(fixture.store.topic(TOPIC)).isEqualTo(new TopicConfig(TOPIC, 2, 2, 6, 0).withFlush(FlushMode.ASYNC));
        assertThat(fixture.store.topic("other"))
                .isEqualTo(new TopicConfig("other", 2, 2, 6, 0).withFlush(FlushMode.SYNC));
        assertThat(fixture.store.topic("third"))
                .isEqualTo(new TopicConfig("third", 2, 2, 6, 0).withFlush(FlushMode.ASYNC));
    }

    @Test
    void aConsumerThatReadWhatWasLostDoesNotPassOverWhatComesInItsPlace() {
        makeAsynchronous();
        fixture.append("kept");
        fixture.store
                .saveGroup(new dev.tally.broker.store.GroupConfig("readers", true, 1, 16))
                .join();
        fixture.append("lost");
        fixture.append("lost too");
        fixture.crashAndReopen();
        assertThat(fixture.visible()).containsExactly("kept");

        fixture.store.commitOffset("readers", TOPIC, 0, 3).join();
        fixture.append("new");
        fixture.append("newer");

        assertThat(fixture.store.committedOffset("readers", TOPIC, 0)).hasValue(1);
        fixture.store.close();
        fixture.crashAndReopen();
        assertThat(fixture.store.committedOffset("readers", TOPIC, 0)).hasValue(1);
    }

    @Test
    void aPowerCutTakesOnlyTheEndAndTheSameIsThereAfterEveryRestart() {
        for (int run = 0; run < 300; run++) {
            StoreFixture cut = new StoreFixture(new SimulatedDisk(run), new ManualClock());
            cut.config = cut.config.withDefaultFlush(FlushMode.ASYNC).withSegmentBytes(2048, 4096);
            cut.open();
            Random random = new Random(run);
            List<String> appended = new ArrayList<>();
            for (int i = 0; i < 25; i++) {
                String body = i + "z".repeat(random.nextInt(400));
                cut.append(body);
                appended.add(body);
                cut.store.commitOffset("readers", TOPIC, 0, appended.size()).join();
                if (random.nextInt(5) == 0) {
                    cut.clock.advance(Duration.ofMillis(random.nextInt(300)));
                    cut.store.tick();
                }
            }
            cut.crash(Loss.values()[run % 3]);
            cut.open();
            List<String> visible = cut.visible();
            assertThat(appended).as("run %s", run).startsWith(visible.toArray(new String[0]));
            assertThat(cut.store.committedOffset("readers", TOPIC, 0).orElse(0)).isLessThanOrEqualTo(visible.size());
            String digest = Workload.digest(cut);
            cut.crashAndReopen();
            assertThat(Workload.digest(cut)).isEqualTo(digest);
        }
    }
}
