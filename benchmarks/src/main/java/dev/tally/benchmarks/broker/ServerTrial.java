package dev.tally.benchmarks.broker;

import dev.tally.benchmarks.figure.Reading;
import dev.tally.benchmarks.figure.Trial;
import dev.tally.benchmarks.server.ServerKind;
import java.nio.file.Path;
import java.util.List;

/** A trial on a kind of server. */
record ServerTrial(ServerKind kind, Body body) implements Trial {

    /** What is done with it. */
    @FunctionalInterface
    interface Body {
        List<Reading> run(ServerKind kind, Path directory) throws Exception;
    }

    @Override
    public String contender() {
        return kind.contender();
    }

    @Override
    public List<Reading> run(Path directory) throws Exception {
        return body.run(kind, directory);
    }
}
