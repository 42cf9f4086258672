package dev.tally.benchmarks.publisher;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tally.benchmarks.application.Order;
import dev.tally.benchmarks.figure.BenchmarkException;
import dev.tally.benchmarks.publisher.DeliveryLog.Delivery;
import dev.tally.benchmarks.time.Timing;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.json.JsonMapper;

class DeliveriesTest {

    private static final long FIRST = Order.FIRST_ID;

    private final Ticks timing = new Ticks();

    @TempDir
    private Path directory;

    @Test
    void countsEachOrderOnceAndWhatComesAgainAsDuplicates() throws IOException {
        Deliveries deliveries = new Deliveries(timing, DeliveryLog.to(Optional.empty()));

        deliveries.delivered(FIRST);
        deliveries.delivered(FIRST + 100_000_000);
        deliveries.delivered(FIRST);

        assertThat(deliveries.distinct()).isEqualTo(2);
        assertThat(deliveries.duplicates()).isEqualTo(1);
        assertThat(deliveries.firstNanos()).isEqualTo(1);
        assertThat(deliveries.lastNanos()).isEqualTo(2);
        assertThat(deliveries.nanosOf(FIRST)).isEqualTo(1);
        assertThat(deliveries.nanosOf(FIRST + 1)).isZero();
    }

    @Test
    void readsTheIdFromTheJsonAndRefusesWhatIsNoOrder() throws IOException {
        Deliveries deliveries = new Deliveries(timing, DeliveryLog.to(Optional.empty()));

        deliveries.delivered(new JsonMapper().writeValueAsBytes(Order.of(FIRST + 123_456, 7)));

        assertThat(deliveries.nanosOf(FIRST + 123_456)).isEqualTo(1);
        assertThatThrownBy(() -> deliveries.delivered("{}".getBytes(StandardCharsets.UTF_8)))
                .isInstanceOf(BenchmarkException.class);
    }

    @Test
    void notesWhenEachTenthHadArrived() throws IOException {
        Deliveries deliveries = new Deliveries(timing, DeliveryLog.to(Optional.empty()));
        deliveries.expect(20);

        for (int i = 0; i < 20; i++) {
            deliveries.delivered(FIRST + i);
        }

        assertThat(deliveries.tenths()).containsExactly(2, 4, 6, 8, 10, 12, 14, 16, 18, 20);
    }

    @Test
    void writesEachDeliveryToItsLogBeforeItCounts() throws IOException {
        Path file = directory.resolve("log");
        try (DeliveryLog log = DeliveryLog.to(Optional.of(file))) {
            Deliveries deliveries = new Deliveries(timing, log);
            deliveries.delivered(FIRST);
            deliveries.delivered(FIRST);
            assertThat(DeliveryLog.read(file)).isEqualTo(List.of(new Delivery(FIRST, 1), new Delivery(FIRST, 2)));
        }
        assertThat(DeliveryLog.read(directory.resolve("none"))).isEmpty();
    }

    /** Each look at the clock is one later. */
    private static final class Ticks implements Timing {

        private long nanos;

        @Override
        public long nanos() {
            return ++nanos;
        }

        @Override
        public Instant now() {
            return Instant.EPOCH;
        }

        @Override
        public void pause(Duration time) {
            nanos += time.toNanos();
        }
    }
}
