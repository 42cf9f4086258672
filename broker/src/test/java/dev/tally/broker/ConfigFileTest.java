package dev.tally.broker;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import picocli.CommandLine;

class ConfigFileTest {

    private static final Path SAMPLE = Path.of("dist", "tally-broker.properties");

    @TempDir
    private Path directory;

    private final StringWriter err = new StringWriter();

    private Path file(String... lines) throws IOException {
        return Files.write(directory.resolve("broker.properties"), List.of(lines));
    }

    private int run(String... arguments) {
        CommandLine line = BrokerMain.commandLine();
        line.setOut(new PrintWriter(new StringWriter())).setErr(new PrintWriter(err, true));
        return BrokerMain.run(line, arguments);
    }

    private BrokerConfig parsed(String... arguments) throws IOException {
        CommandLine line = BrokerMain.commandLine();
        Path file = ConfigFile.named(arguments);
        if (file != null) {
            line.getCommandSpec().defaultValueProvider(ConfigFile.read(file, line.getCommandSpec()));
        }
        line.parseArgs(arguments);
        return ((BrokerMain) line.getCommand()).config();
    }

    @Test
    void aFileSetsOptionsAndTheCommandLineGoesBefore() throws Exception {
        Path file = file(
                "# comment",
                "data = /somewhere/data",
                "port=1234",
                "host=0.0.0.0",
                "auto-create-topics=false",
                "keep-unconsumed = false",
                "quarantine=true",
                "flush=ASYNC",
                "delay-levels=1s 5s 1m",
                "check-immunity=2s",
                "max-message-bytes=1000",
                "remember-sends-for=500ms");

        BrokerConfig config = parsed("--config", file.toString(), "--port", "4321", "--auto-create-topics");

        assertThat(config.dataDirectory()).isEqualTo(Path.of("/somewhere/data"));
        assertThat(config.port()).isEqualTo(4321);
        assertThat(config.host()).isEqualTo("0.0.0.0");
        assertThat(config.autoCreateTopics()).isTrue();
        assertThat(config.retention().keepUnconsumed()).isFalse();
        assertThat(config.quarantine()).isTrue();
        assertThat(config.flush().name()).isEqualTo("ASYNC");
        assertThat(config.delayLevels())
                .containsExactly(Duration.ofSeconds(1), Duration.ofSeconds(5), Duration.ofMinutes(1));
        assertThat(config.checkImmunity()).isEqualTo(Duration.ofSeconds(2));
        assertThat(config.maxMessageBytes()).isEqualTo(1000);
        assertThat(config.rememberSendsFor()).isEqualTo(Duration.ofMillis(500));
        assertThat(parsed("--config=" + file).autoCreateTopics()).isFalse();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '"',
            value = {
                "prot=1 | 'prot' is no setting; these are: accounts, admin-host",
                "config=x | 'config' is no setting",
                "port=x | Invalid value for option '--port'",
                "flush=never | Invalid value for option '--flush'",
                "host=a\\nhost=b | set more than once: [host]",
                "host=\\u00zz | Malformed",
                "port=70000 | port must be 0 to 65535, not 70000",
                "check-interval=5 | --check-interval holds '5', which is no duration such as 500ms",
                "delay-levels=1s 2x | --delay-levels holds '2x'",
                "tls-mode=enforcing | TLS ENFORCING needs a certificate and a key",
                "tls-trust=x | TLS is disabled, but",
                "tls-certificate=none.pem\\ntls-key=none.key | Cannot use certificate file none.pem: it does not exist",
                "accounts=none.yml | Cannot use account file none.yml: it does not exist",
                "log-format=xml | Invalid value for option '--log-format'",
                "admin-port=0\\nadmin-host=0.0.0.0\\nbackups=b | Cannot let the admin port write backups"
            })
    void saysInOneLineWhatIsWrong(String content, String complaint) throws Exception {
        Path file = file(content.replace("\\n", "\n").split("\n"));
        int code = run(
                "--config",
                file.toString(),
                "--data",
                directory.resolve("data").toString(),
                content.startsWith("port") ? "--host=127.0.0.1" : "--port=0");

        assertThat(code).isIn(1, 2);
        assertThat(err.toString().lines().filter(line -> line.startsWith("tally-broker: ")))
                .singleElement()
                .satisfies(line -> assertThat(line).contains(complaint));
        assertThat(err.toString().lines()).noneMatch(line -> line.contains("\tat "));
    }

    @Test
    void aFileThatIsNotThereIsSaidSo() {
        assertThat(run("--config", "none.properties")).isEqualTo(2);
        assertThat(err.toString()).contains("Cannot use configuration file none.properties: it does not exist");
    }

    /** The sample names every option once, so that nobody has to search, and each line of it is valid. */
    @Test
    void theSampleNamesEveryOptionAndIsValidWithAllOfThem() throws Exception {
        Matcher settings = Pattern.compile("(?m)^#? ?([a-z-]+)=").matcher(Files.readString(SAMPLE));
        List<String> named = new java.util.ArrayList<>();
        while (settings.find()) {
            named.add(settings.group(1));
        }
        List<String> known = ConfigFile.settings(BrokerMain.commandLine().getCommandSpec());
        assertThat(named).doesNotHaveDuplicates();
        assertThat(new TreeSet<>(named)).containsExactlyElementsOf(known);

        String all = Files.readString(SAMPLE).replaceAll("(?m)^# ?([a-z-]+=)", "$1");
        BrokerConfig config = parsed("--config", file(all.split("\n")).toString());
        assertThat(config.tls().files()).hasSize(4);
        assertThat(config.accounts()).isPresent();
    }
}
