package dev.tally.benchmarks.figure;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AlternationTest {

    private final StringWriter figures = new StringWriter();
    private final StringWriter progress = new StringWriter();
    private final Report report = new Report(new PrintWriter(figures), new PrintWriter(progress));
    private final List<String> order = new ArrayList<>();

    @TempDir
    Path directory;

    @Test
    void runsContendersInTurnsAndReportsMediansAndRatios() throws Exception {
        Workload workload =
                new Workload("send", List.of(trial("ours", 300.0, 100.0, 200.0), trial("peer", 100.0, 1.0, 1000.0)));

        int failed = new Alternation("broker", 3, directory, report).run(List.of(workload));

        assertThat(failed).isZero();
        assertThat(order).containsExactly("ours", "peer", "ours", "peer", "ours", "peer");
        assertThat(figures.toString().lines())
                .containsExactly(
                        "broker,send,ours,200,messages/s",
                        "broker,send,peer,100,messages/s",
                        "broker,send,ours/peer,2.000,ratio of messages/s");
    }

    @Test
    void givesEachRunAnEmptyDirectoryAndDeletesIt() throws Exception {
        List<Path> given = new ArrayList<>();
        Trial leaves = trial("ours", run -> {
            assertThat(run).isEmptyDirectory();
            given.add(run);
            Files.writeString(Files.createDirectories(run.resolve("a/b")).resolve("c"), "left");
            return 1.0;
        });

        var unused =
                new Alternation("broker", 2, directory, report).run(List.of(new Workload("send", List.of(leaves))));

        assertThat(given).hasSize(2).doesNotHaveDuplicates();
        try (Stream<Path> left = Files.list(directory)) {
            assertThat(left).isEmpty();
        }
    }

    @Test
    void goesOnAfterARunThatFailedAndSaysSoBesideTheFigures() throws Exception {
        Iterator<Double> answers = Arrays.asList(7.0, null, 9.0).iterator();
        Trial fails = trial("ours", run -> {
            Double answer = answers.next();
            if (answer == null) {
                throw new IOException("no space");
            }
            return answer;
        });

        int failed = new Alternation("broker", 3, directory, report).run(List.of(new Workload("send", List.of(fails))));

        assertThat(failed).isOne();
        assertThat(figures.toString().lines())
                .containsExactly(
                        "# failed: send ours 2/3: java.io.IOException: no space", "broker,send,ours,8.000,messages/s");
    }

    @Test
    void reportsNothingForAContenderThatAlwaysFailed() throws Exception {
        Trial never = trial("ours", run -> {
            throw new IOException("refused");
        });

        int failed = new Alternation("broker", 1, directory, report)
                .run(List.of(new Workload("send", List.of(never, trial("peer", 5.0)))));

        assertThat(failed).isOne();
        assertThat(figures.toString().lines().filter(line -> !line.startsWith("#")))
                .containsExactly("broker,send,peer,5.000,messages/s");
    }

    private Trial trial(String contender, Double... answers) {
        Iterator<Double> next = List.of(answers).iterator();
        return trial(contender, run -> next.next());
    }

    private interface Run {
        double of(Path directory) throws Exception;
    }

    private Trial trial(String contender, Run run) {
        return new Trial() {
            @Override
            public String contender() {
                return contender;
            }

            @Override
            public List<Reading> run(Path own) throws Exception {
                order.add(contender);
                return List.of(new Reading(run.of(own), "messages/s"));
            }
        };
    }
}
