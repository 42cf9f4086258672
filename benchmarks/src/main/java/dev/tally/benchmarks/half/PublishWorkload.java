package dev.tally.benchmarks.half;

import dev.tally.benchmarks.figure.Reading;
import dev.tally.benchmarks.figure.Report;
import dev.tally.benchmarks.figure.Settings;
import dev.tally.benchmarks.machine.ProcessUsage;
import dev.tally.benchmarks.time.Timing;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** Threads that place one order after the other. */
final class PublishWorkload {

    private static final Duration AT_SPEED_AGAIN = Duration.ofMillis(500);
    /** On a loaded machine, time alone would leave the service interpreted. */
    private static final int WARM_THREADS = 8;

    private static final int WARM_TRANSACTIONS = 1000;
    private static final Duration WORTH_TELLING = Duration.ofSeconds(1);

    private final int threads;
    private final Settings settings;
    private final Timing timing;
    private final Report report;

    PublishWorkload(int threads, Settings settings, Timing timing, Report report) {
        this.threads = threads;
        this.settings = settings;
        this.timing = timing;
        this.report = report;
    }

    List<Reading> run(Stage stage) throws Exception {
        try (Application application = stage.patientApplication()) {
            long warm = WARM_TRANSACTIONS * settings.warmUp().toSeconds();
            application.run(WARM_THREADS, warm);
            Application.Load warmUp = application.load(threads, Duration.ZERO, settings.warmUp());
            Duration applicationBefore = ProcessUsage.cpu(application.pid());
            Duration databaseBefore = stage.database().cpu();
            Duration brokerBefore = brokerCpu(stage);
            Application.Load load = application.load(threads, AT_SPEED_AGAIN, settings.window());
            Duration ofApplication = ProcessUsage.cpu(application.pid()).minus(applicationBefore);
            Duration ofDatabase = stage.database().cpu().minus(databaseBefore);
            Duration ofBroker = brokerCpu(stage).minus(brokerBefore);
            List<Reading> readings = new ArrayList<>(List.of(
                    new Reading(load.perSecond(), "tx/s"),
                    new Reading(load.millisAtHalf(), "ms p50"),
                    new Reading(load.millisAt99(), "ms p99"),
                    new Reading(micros(ofApplication) / load.all(), "us application CPU/tx"),
                    new Reading(micros(ofDatabase) / load.all(), "us database CPU/tx")));
            if (stage.publishes()) {
                readings.add(new Reading(micros(ofBroker) / load.all(), "us broker CPU/tx"));
                Duration late = stage.broker().awaitVisible(warm + warmUp.all() + load.all(), timing);
                if (late.compareTo(WORTH_TELLING) > 0) {
                    report.progress("all visible " + late.toMillis() + " ms after the last transaction");
                }
            }
            return readings;
        }
    }

    private static Duration brokerCpu(Stage stage) throws Exception {
        return stage.publishes() ? ProcessUsage.cpu(stage.broker().pid()) : Duration.ZERO;
    }

    private static double micros(Duration time) {
        return time.toNanos() / 1e3;
    }
}
