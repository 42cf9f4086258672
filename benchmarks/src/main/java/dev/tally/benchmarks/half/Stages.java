package dev.tally.benchmarks.half;

import dev.tally.benchmarks.figure.Settings;
import dev.tally.benchmarks.profile.Profiles;
import dev.tally.benchmarks.server.JavaCommand;
import dev.tally.benchmarks.time.Timing;
import java.nio.file.Path;

/** Sets stages. */
final class Stages {

    private final Settings settings;
    private final Timing timing;

    Stages(Settings settings, Timing timing) {
        this.settings = settings;
        this.timing = timing;
    }

    /** A new database, and the contender's broker with the topic; the service is not there yet. */
    Stage open(Contender contender, Path directory) throws Exception {
        Database database = Database.start(directory.resolve("postgres"), timing);
        try {
            AttachedBroker broker = contender.broker().isEmpty()
                    ? null
                    : AttachedBroker.start(
                            contender.broker().get(), directory.resolve("broker"), contender.name(), timing);
            return new Stage(
                    contender,
                    directory,
                    database,
                    broker,
                    new JavaCommand(settings.heap()),
                    settings.profiles().map(folder -> new Profiles(folder, settings.warmUp())),
                    timing);
        } catch (Exception e) {
            database.close();
            throw e;
        }
    }
}
