package dev.tally.broker.console;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.tally.broker.engine.LogMessageStore;
import dev.tally.broker.engine.StoreConfig;
import dev.tally.broker.env.InlineWorkers;
import dev.tally.broker.env.ManualClock;
import dev.tally.broker.env.SimulatedDisk;
import dev.tally.broker.store.GroupConfig;
import dev.tally.broker.store.NewMessage;
import dev.tally.broker.store.TopicConfig;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Collections;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class RatesTest {

    private final ManualClock clock = new ManualClock();
    private LogMessageStore store;
    private Rates rates;

    @BeforeEach
    void open() throws Exception {
        StoreConfig config = StoreConfig.defaults(Path.of("/data")).withSegmentBytes(256 * 1024, 256 * 1024);
        store = LogMessageStore.open(config, new SimulatedDisk(1), clock, new Random(7), new InlineWorkers());
        rates = new Rates(store, () -> Instant.ofEpochMilli(clock.millis()));
        store.saveTopic(new TopicConfig("orders", 1, 1, 6, 0)).join();
        store.saveGroup(new GroupConfig("G", true, 1, 16)).join();
    }

    @AfterEach
    void close() {
        store.close();
    }

    private void samples(int count, int messagesBetween) {
        for (int i = 0; i < count; i++) {
            if (messagesBetween > 0) {
                NewMessage message = new NewMessage("orders", 0, 1, ByteBuffer.wrap(new byte[10]), Duration.ZERO);
                store.append(Collections.nCopies(messagesBetween, message)).join();
                store.commitOffset("G", "orders", 0, store.maxOffset("orders", 0) / 2)
                        .join();
            }
            clock.advance(Rates.SAMPLE_EVERY);
            rates.run();
        }
    }

    @Test
    void tellsTheLastMinuteFromTheHourAndTheDay() {
        rates.run();
        samples(60, 20);
        samples(6, 0);

        Rates.Windows put = rates.of(Rates.TOPIC_PUT_NUMS, "orders");
        assertThat(put.minute()).isEqualTo(new Rates.Window(0, 0));
        assertThat(put.hour().sum()).isEqualTo(1200);
        assertThat(put.day().sum()).isEqualTo(1200);
        assertThat(put.hour().perSecond()).isCloseTo(1200 / 660.0, within(0.001));
        assertThat(rates.of(Rates.GROUP_GET_NUMS, "orders@G").hour().sum()).isEqualTo(600 - 10);
        assertThat(rates.threeRates(Rates.TOPIC_PUT_NUMS)).startsWith("0.0 0.0 ");
    }

    @Test
    void countsAMinuteOfSixSamples() {
        rates.run();
        samples(30, 20);

        assertThat(rates.of(Rates.TOPIC_PUT_NUMS, "orders").minute()).isEqualTo(new Rates.Window(120, 2.0));
        assertThat(rates.perSecond(Rates.GROUP_GET_NUMS, "orders@G")).isEqualTo(1.0);
    }

    @Test
    void showsNoNegativeRateWhereAGroupWentBack() {
        rates.run();
        samples(3, 20);
        store.commitOffset("G", "orders", 0, 0).join();
        samples(1, 0);

        assertThat(rates.of(Rates.GROUP_GET_NUMS, "orders@G").minute()).isEqualTo(new Rates.Window(0, 0));
    }

    @Test
    void knowsNothingBeforeTheFirstSampleAndAfterADeletion() {
        assertThat(rates.of(Rates.TOPIC_PUT_NUMS, "orders")).isNull();
        samples(2, 1);
        store.deleteTopic("orders").join();
        samples(1, 0);
        assertThat(rates.of(Rates.TOPIC_PUT_NUMS, "orders")).isNull();
    }
}
