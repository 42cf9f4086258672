package dev.tally.benchmarks.figure;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ReportTest {

    private final StringWriter figures = new StringWriter();
    private final StringWriter progress = new StringWriter();
    private final Report report = new Report(new PrintWriter(figures), new PrintWriter(progress));

    @Test
    void keepsFiguresAndProgressApart() {
        report.head();
        report.comment("cores: 2");
        report.progress("running");

        assertThat(figures.toString().lines()).containsExactly("suite,workload,contender,figure,unit", "# cores: 2");
        assertThat(progress.toString().lines()).containsExactly("running");
    }

    @Test
    void writesNumbersAlikeInEveryCountry() {
        Locale before = Locale.getDefault();
        try {
            Locale.setDefault(Locale.GERMANY);
            assertThat(List.of(Report.number(12_345.6), Report.number(0.12345), Report.number(99.5)))
                    .containsExactly("12346", "0.123", "99.500");
        } finally {
            Locale.setDefault(before);
        }
    }

    @Test
    void comparesOnlyWhatBothHave() {
        Map<String, List<Reading>> readings = new LinkedHashMap<>();
        readings.put("ours", List.of(new Reading(4, "messages/s"), new Reading(3, "ms p99")));
        readings.put("peer", List.of(new Reading(2, "messages/s")));
        readings.put("other", List.of(new Reading(0, "messages/s")));

        report.medians("broker", "send", readings);

        assertThat(figures.toString().lines().filter(line -> line.contains("/peer") || line.contains("/other")))
                .containsExactly("broker,send,ours/peer,2.000,ratio of messages/s");
    }
}
