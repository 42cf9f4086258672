package dev.tally.benchmarks.saga;

import dev.tally.benchmarks.figure.Reading;
import dev.tally.benchmarks.figure.Settings;
import dev.tally.benchmarks.machine.ProcessUsage;
import dev.tally.benchmarks.shop.Role;
import java.time.Duration;
import java.util.List;

/** Purchases as fast as they end. */
final class SagasWorkload {

    static final int STARTERS = 8;

    /** So many may be open: starting is cheaper than ending, and a growing backlog would be measured instead. */
    static final int OPEN = 512;

    /** A run with less measures the compiler. */
    static final int WARM_ROUNDS = 3;

    private final Settings settings;

    SagasWorkload(Settings settings) {
        this.settings = settings;
    }

    /** Lets a shop that orchestrates do for a while what it will do. */
    static void warmUp(Shop shop, Settings settings) throws Exception {
        var unused = shop.flood(STARTERS, OPEN, Duration.ZERO, settings.warmUp().multipliedBy(WARM_ROUNDS));
    }

    List<Reading> run(Stage stage) throws Exception {
        try (Shop shop = stage.shop(Role.ALL)) {
            warmUp(shop, settings);
            Duration shopBefore = ProcessUsage.cpu(shop.pid());
            Duration databaseBefore = stage.database().cpu();
            Duration brokerBefore = ProcessUsage.cpu(stage.broker().pid());
            Shop.Flood flood = shop.flood(STARTERS, OPEN, settings.warmUp(), settings.window());
            double begun = flood.begun();
            return List.of(
                    new Reading(flood.perSecond(), "sagas/s"),
                    new Reading(flood.millisAtHalf(), "ms p50"),
                    new Reading(flood.millisAt99(), "ms p99"),
                    new Reading(
                            micros(ProcessUsage.cpu(shop.pid()).minus(shopBefore)) / begun, "us application CPU/saga"),
                    new Reading(micros(stage.database().cpu().minus(databaseBefore)) / begun, "us database CPU/saga"),
                    new Reading(
                            micros(ProcessUsage.cpu(stage.broker().pid()).minus(brokerBefore)) / begun,
                            "us broker CPU/saga"),
                    new Reading(
                            Books.doubleEffects(
                                    stage.database(), stage.contender().style().isTally()),
                            "double effects"));
        }
    }

    private static double micros(Duration time) {
        return time.toNanos() / 1e3;
    }
}
