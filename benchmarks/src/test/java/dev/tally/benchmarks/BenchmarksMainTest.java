package dev.tally.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tally.benchmarks.figure.Settings;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;
import picocli.CommandLine.Mixin;

class BenchmarksMainTest {

    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    @Test
    void namesTheSuitesThatExistWhenAskedForAnother() {
        assertThat(run("stage")).isEqualTo(CommandLine.ExitCode.USAGE);
        assertThat(err.toString())
                .contains("There is no suite \"stage\"; there is: broker, consume, half, outbox, saga");
        assertThat(out.toString()).isEmpty();
    }

    @Test
    void asksForASuite() {
        assertThat(run()).isEqualTo(CommandLine.ExitCode.USAGE);
        assertThat(err.toString()).contains("SUITE");
    }

    @Test
    void listsTheWorkloadsOfASuite() {
        assertThat(run("half", "--list")).isEqualTo(CommandLine.ExitCode.OK);
        assertThat(out.toString().lines())
                .containsExactly("publish-1", "publish-8", "database-bytes", "delivery-200", "take-over");
    }

    @Test
    void namesTheDrainsOfTheOutboxAfterTheirSize() {
        assertThat(run("outbox", "--list")).isEqualTo(CommandLine.ExitCode.OK);
        assertThat(out.toString().lines())
                .containsExactly(
                        "publish-8",
                        "statements",
                        "drain-100k",
                        "delivery-200",
                        "drain-tenths-1m",
                        "kill",
                        "poison",
                        "nodes-unkeyed",
                        "nodes-keyed");
    }

    @Test
    void listsTheWorkloadsOfConsuming() {
        assertThat(run("consume", "--list")).isEqualTo(CommandLine.ExitCode.OK);
        assertThat(out.toString().lines())
                .containsExactly("update", "update-on-rocketmq", "keys-64", "keys-64-on-rocketmq", "duplicates");
    }

    @Test
    void listsTheWorkloadsOfSagas() {
        assertThat(run("saga", "--list")).isEqualTo(CommandLine.ExitCode.OK);
        assertThat(out.toString().lines()).containsExactly("sagas", "latency", "statements", "timers", "take-over");
    }

    @Test
    void listsWhatAContenderTakesPartIn() {
        assertThat(run("outbox", "--list", "--contender", "modulith")).isEqualTo(CommandLine.ExitCode.OK);
        assertThat(out.toString().lines())
                .containsExactly("publish-8", "statements", "drain-100k", "delivery-200", "kill");
    }

    @Test
    void refusesNumbersThatMeasureNothing() {
        assertThat(run("broker", "--runs", "0")).isEqualTo(CommandLine.ExitCode.USAGE);
        assertThat(run("broker", "--seconds", "0")).isEqualTo(CommandLine.ExitCode.USAGE);
        assertThat(err.toString())
                .contains("--runs must be at least 1, not 0")
                .contains("--seconds must be at least 1, not 0");
    }

    @Test
    void hasDefaultsThatTakeTheirTime() {
        Settings settings = settings();

        assertThat(settings.window()).isEqualTo(Duration.ofSeconds(10));
        assertThat(settings.backlog()).isEqualTo(1_000_000);
        assertThat(settings.logBytes()).isEqualTo(2L * 1024 * 1024 * 1024);
        assertThat(settings.profiles()).isEmpty();
    }

    @Test
    void isQuickInWhatIsNotSaid() {
        Settings settings = settings("--quick", "--backlog", "5000", "--log-gib", "0.5", "--profile", "recordings");

        assertThat(settings.window()).isEqualTo(Duration.ofSeconds(2));
        assertThat(settings.undecided()).isEqualTo(1000);
        assertThat(settings.backlog()).isEqualTo(5000);
        assertThat(settings.logBytes()).isEqualTo(512L * 1024 * 1024);
        assertThat(settings.profiles()).contains(Path.of("recordings").toAbsolutePath());
    }

    private int run(String... arguments) {
        return BenchmarksMain.commandLine()
                .setOut(new PrintWriter(out))
                .setErr(new PrintWriter(err))
                .execute(arguments);
    }

    private static Settings settings(String... arguments) {
        Wrapper wrapper = new Wrapper();
        CommandLine line = new CommandLine(wrapper);
        var unused = line.parseArgs(arguments);
        return wrapper.options.settings(Path.of("home"), line);
    }

    @CommandLine.Command
    private static final class Wrapper {
        @Mixin
        private final SettingsOptions options = new SettingsOptions();
    }
}
