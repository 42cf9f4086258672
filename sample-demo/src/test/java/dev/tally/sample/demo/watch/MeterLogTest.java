package dev.tally.sample.demo.watch;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tally.sample.demo.process.Child;
import dev.tally.sample.demo.process.Program;
import dev.tally.sample.demo.time.SystemPacing;
import java.net.URI;
import java.net.http.HttpClient;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

class MeterLogTest {

    private static final URI ADDRESS = URI.create("http://127.0.0.1:1/");

    private final HttpClient http = HttpClient.newHttpClient();
    private final MeterLog log = new MeterLog(
            new Child(new Program("a", List.of(), List.of(), ADDRESS, Path.of("a.log")), http, new SystemPacing()),
            ADDRESS,
            http);

    @Test
    void addsTheLastReadingsOfAllIncarnations() {
        log.note(1, "# HELP x\ntally_x_total{group=\"a\",outcome=\"duplicate\"} 3.0\n");
        log.note(1, "tally_x_total{group=\"a\",outcome=\"duplicate\"} 5.0\ntally_x_total{outcome=\"handled\"} 9.0\n");
        log.note(
                2,
                "tally_x_total{group=\"a\",outcome=\"duplicate\"} 2.0\n"
                        + "tally_x_total{group=\"b\",outcome=\"duplicate\"} 1.0\n"
                        + "tally_x_total_more{outcome=\"duplicate\"} 100.0\n");

        assertThat(log.atLeast("tally_x_total", "outcome=\"duplicate\"")).isEqualTo(8);
        assertThat(log.atLeast("tally_x_total", "")).isEqualTo(17);
    }

    @Test
    void aServiceThatIsDownJustNowTakesNothingAway() throws InterruptedException {
        log.note(0, "tally_x_total 4\n");

        log.read();

        assertThat(log.atLeast("tally_x_total", "")).isEqualTo(4);
    }

    @Test
    void readsValuesThatAreNoNumbers() {
        log.note(1, "a NaN\nb +Inf\nc 1.5E3\n");

        assertThat(log.atLeast("c", "")).isEqualTo(1500);
    }
}
