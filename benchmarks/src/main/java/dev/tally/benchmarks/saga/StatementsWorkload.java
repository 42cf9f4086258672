package dev.tally.benchmarks.saga;

import dev.tally.benchmarks.figure.Reading;
import dev.tally.benchmarks.figure.Settings;
import dev.tally.benchmarks.shop.Role;
import dev.tally.benchmarks.time.Timing;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** What a process that only orchestrates has the database execute; another one is the participants. */
final class StatementsWorkload {

    /** Three remote ones and the local one. */
    private static final double STEPS = 4;

    private static final double REMOTE_STEPS = 3;

    private static final String COUNTED = "--bench.count-statements=true";
    private static final Duration COMPLETED_WITHIN = Duration.ofMillis(500);

    private final int rate;
    private final Settings settings;
    private final Timing timing;

    StatementsWorkload(int rate, Settings settings, Timing timing) {
        this.rate = rate;
        this.settings = settings;
        this.timing = timing;
    }

    List<Reading> run(Stage stage) throws Exception {
        try (Shop participants = stage.shop(Role.PARTICIPANTS, COUNTED);
                Shop orchestrator = stage.shop(Role.ORCHESTRATOR, COUNTED)) {
            SagasWorkload.warmUp(orchestrator, settings);
            List<Reading> readings = new ArrayList<>();
            timing.pause(COMPLETED_WITHIN);
            Shop.Statements before = orchestrator.statements();
            Shop.Statements ofParticipantsBefore = participants.statements();
            long begun = orchestrator
                    .flood(SagasWorkload.STARTERS, SagasWorkload.OPEN, Duration.ZERO, settings.window())
                    .begun();
            timing.pause(COMPLETED_WITHIN);
            read(readings, orchestrator.statements().since(before), begun, "");
            readings.add(new Reading(
                    participants.statements().since(ofParticipantsBefore).calls() / (begun * REMOTE_STEPS),
                    "participants' statements/remote step"));
            before = orchestrator.statements();
            orchestrator.pace(rate);
            timing.pause(settings.window());
            long paced = orchestrator.rest().count();
            timing.pause(COMPLETED_WITHIN);
            read(readings, orchestrator.statements().since(before), paced, " at " + rate + "/s");
            readings.add(new Reading(Books.doubleEffects(stage.database(), true), "double effects"));
            return readings;
        }
    }

    private static void read(List<Reading> readings, Shop.Statements statements, long sagas, String when) {
        double steps = sagas * STEPS;
        readings.add(new Reading(statements.calls() / steps, "statements/step" + when));
        readings.add(new Reading(statements.ofSagas() / steps, "statements on sagas' tables/step" + when));
        readings.add(new Reading(statements.executed() / steps, "batches' elements/step" + when));
    }
}
