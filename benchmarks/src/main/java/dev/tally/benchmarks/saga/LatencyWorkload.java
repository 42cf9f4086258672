package dev.tally.benchmarks.saga;

import dev.tally.benchmarks.figure.Reading;
import dev.tally.benchmarks.figure.Settings;
import dev.tally.benchmarks.shop.Role;
import dev.tally.benchmarks.time.Timing;
import java.io.IOException;
import java.util.List;

/** How soon after its start's commit a purchase ends, at a moderate rate. */
final class LatencyWorkload {

    private final int rate;
    private final Settings settings;
    private final Timing timing;

    LatencyWorkload(int rate, Settings settings, Timing timing) {
        this.rate = rate;
        this.settings = settings;
        this.timing = timing;
    }

    List<Reading> run(Stage stage) throws Exception {
        try (Shop shop = stage.shop(Role.ALL)) {
            SagasWorkload.warmUp(shop, settings);
            Shop.Pace pace = pace(shop, rate, settings, timing);
            return List.of(
                    new Reading(pace.millisAtHalf(), "ms p50"),
                    new Reading(pace.millisAt99(), "ms p99"),
                    new Reading(pace.perSecond(), "started/s"),
                    new Reading(
                            Books.doubleEffects(
                                    stage.database(), stage.contender().style().isTally()),
                            "double effects"));
        }
    }

    /** Purchases at a rate for a window, after a warm-up at the same rate, at which the process does other things. */
    static Shop.Pace pace(Shop shop, int rate, Settings settings, Timing timing)
            throws IOException, InterruptedException {
        shop.pace(rate);
        timing.pause(settings.warmUp().multipliedBy(SagasWorkload.WARM_ROUNDS));
        var unused = shop.rest();
        shop.pace(rate);
        timing.pause(settings.window());
        return shop.rest();
    }
}
