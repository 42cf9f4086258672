package dev.tally.benchmarks.half;

import dev.tally.benchmarks.figure.Reading;
import dev.tally.benchmarks.time.Timing;
import java.time.Duration;
import java.util.List;
import java.util.stream.LongStream;

/**
 * One instance is killed between the commits of some transactions and telling the broker; another one, that was there
 * before, is asked. All settings of service and broker are their defaults.
 */
final class TakeOverWorkload {

    private static final int HANGING = 8;
    private static final int TO_BE_KNOWN = 20;
    private static final Duration ARRIVES_WITHIN = Duration.ofMinutes(3);

    private final Timing timing;

    TakeOverWorkload(Timing timing) {
        this.timing = timing;
    }

    List<Reading> run(Stage stage) throws Exception {
        Arrivals arrivals = Arrivals.of(stage.broker().clients(), timing);
        try (Application survivor = stage.application();
                Application victim = stage.application()) {
            // rocketmq-spring's producers are known to a broker only when they have sent to it.
            survivor.run(2, TO_BE_KNOWN);
            victim.run(2, TO_BE_KNOWN);
            Application.Hanging hanging = victim.hang(HANGING);
            long killed = timing.nanos();
            victim.kill();
            List<Long> orderIds = LongStream.rangeClosed(hanging.first(), hanging.last())
                    .boxed()
                    .toList();
            arrivals.await(orderIds, ARRIVES_WITHIN);
            long last = orderIds.stream().mapToLong(arrivals::nanos).max().orElseThrow();
            return List.of(new Reading((last - killed) / 1e9, "s to the last decision"));
        }
    }
}
