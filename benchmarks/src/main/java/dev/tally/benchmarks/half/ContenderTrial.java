package dev.tally.benchmarks.half;

import dev.tally.benchmarks.figure.Reading;
import dev.tally.benchmarks.figure.Trial;
import java.nio.file.Path;
import java.util.List;

/** A trial of a contender, on a stage of its own. */
record ContenderTrial(Contender who, Stages stages, Body body) implements Trial {

    /** What is done on the stage. */
    @FunctionalInterface
    interface Body {
        List<Reading> run(Stage stage) throws Exception;
    }

    @Override
    public String contender() {
        return who.name();
    }

    @Override
    public List<Reading> run(Path directory) throws Exception {
        try (Stage stage = stages.open(who, directory)) {
            return body.run(stage);
        }
    }
}
