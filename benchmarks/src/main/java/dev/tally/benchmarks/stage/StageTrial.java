package dev.tally.benchmarks.stage;

import dev.tally.benchmarks.figure.Reading;
import dev.tally.benchmarks.figure.Trial;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.List;

/**
 * A trial of a contender, on a stage of its own.
 *
 * @param <S> the stage
 */
public record StageTrial<S extends StageTrial.Opened>(String contender, Opening<S> opening, Body<S> body)
        implements Trial {

    /** A stage that is set. */
    public interface Opened extends AutoCloseable {
        /** Clears the stage away: what runs on it is ended, its database dropped. */
        @Override
        void close() throws IOException, SQLException;
    }

    /** Sets a stage. */
    @FunctionalInterface
    public interface Opening<S> {
        /** In a directory of its own. */
        S open(Path directory) throws Exception;
    }

    /** What is done on the stage. */
    @FunctionalInterface
    public interface Body<S> {
        /** Answers what was measured. */
        List<Reading> run(S stage) throws Exception;
    }

    @Override
    public List<Reading> run(Path directory) throws Exception {
        try (S stage = opening.open(directory)) {
            return body.run(stage);
        }
    }
}
