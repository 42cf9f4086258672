package dev.tally.benchmarks.publisher;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tally.benchmarks.application.Order;
import dev.tally.benchmarks.stage.Database;
import dev.tally.benchmarks.time.SystemTiming;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Each contender delivers what was stored while its relay was off, and what is published while it runs. */
class PublisherCommandsTest {

    private static final String ALL = "60000";

    @TempDir
    private static Path directory;

    @Test
    void oursDeliversEachOrderOnce() throws Exception {
        try (Database database = Database.start(directory.resolve("postgres"), new SystemTiming());
                PublisherCommands commands = new PublisherCommands(
                        Kind.TALLY,
                        Order.FIRST_ID,
                        "none",
                        List.of(
                                "--spring.datasource.url=" + database.url(),
                                "--tally.outbox.instance=bench",
                                "--bench.count-statements=true"),
                        new SystemTiming())) {
            assertThat(commands.run("open")).isEqualTo("opened");
            assertThat(commands.run("store 4 100 10")).isEqualTo("stored 100");
            assertThat(commands.run("await 0 0")).startsWith("awaited 0 0 ");
            assertThat(commands.run("close")).isEqualTo("closed");

            assertThat(commands.run("open")).isEqualTo("opened");
            assertThat(commands.run("relay 100")).startsWith("relays ");
            assertThat(commands.run("await 100 " + ALL)).startsWith("awaited 100 0 ");
            assertThat(commands.run("tenths").split(" ")).hasSize(11).doesNotContain("0");
            assertThat(commands.run("pace 200 250")).startsWith("paced 50 ");
            assertThat(commands.run("load 2 0 50")).startsWith("loaded ");
            assertThat(Long.parseLong(commands.run("statements").split(" ")[1])).isGreaterThan(100);
            assertThat(database.count("bench_order")).isGreaterThan(150);
        }
    }
}
