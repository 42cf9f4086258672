package dev.tally.sample.demo;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tally.sample.demo.time.SystemPacing;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DemoCommandTest {

    @TempDir
    Path directory;

    private final ByteArrayOutputStream err = new ByteArrayOutputStream();

    @Test
    void answersAWrongArgumentWithOneLineAndCode2() {
        assertThat(execute("--count", "many")).isEqualTo(2);
        assertThat(execute("--count", "0")).isEqualTo(2);
        assertThat(execute("--threads", "65")).isEqualTo(2);
        assertThat(execute("--nothing")).isEqualTo(2);

        assertThat(errors()).hasSize(4).allSatisfy(line -> assertThat(line).startsWith("demo: "));
    }

    @Test
    void answersAnUnusableFileWithOneLineAndCode2() throws Exception {
        Path wrong = Files.writeString(directory.resolve("wrong.csv"), "a,b\n1,2\n");

        assertThat(execute("--orders", wrong.toString())).isEqualTo(2);
        assertThat(execute("--orders", directory.resolve("none.csv").toString()))
                .isEqualTo(2);

        assertThat(errors()).hasSize(2);
    }

    @Test
    void answersAMissingBuildWithOneLineAndCode1() {
        assertThat(execute("--home", directory.toString())).isEqualTo(1);

        assertThat(errors()).singleElement().asString().contains("build it with: mvn -DskipTests package");
    }

    @Test
    void theSeedDecidesWhenToKill() {
        List<Integer> moments = Kills.moments(new SplittableRandom(5), 1000);

        assertThat(moments).isEqualTo(Kills.moments(new SplittableRandom(5), 1000));
        assertThat(moments).hasSize(3).isSorted().allSatisfy(moment -> assertThat(moment)
                .isBetween(150, 850));
    }

    private int execute(String... arguments) {
        DemoCommand command = new DemoCommand(
                new PrintStream(new ByteArrayOutputStream(), true, StandardCharsets.UTF_8),
                new PrintStream(err, true, StandardCharsets.UTF_8),
                new SystemPacing(),
                new SplittableRandom(1));
        return DemoCommand.commandLine(command).execute(arguments);
    }

    private List<String> errors() {
        return err.toString(StandardCharsets.UTF_8).lines().toList();
    }
}
