package dev.tally.benchmarks.figure;

import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * Where figures go: lines {@code suite,workload,contender,figure,unit} and comments that begin with {@code #} to one
 * stream, progress to the other.
 */
public final class Report {

    private static final double WHOLE_FROM = 100;

    private final PrintWriter figures;
    private final PrintWriter progress;

    /** On two streams. */
    public Report(PrintWriter figures, PrintWriter progress) {
        this.figures = figures;
        this.progress = progress;
    }

    /** The line that names the columns. */
    public void head() {
        line("suite,workload,contender,figure,unit");
    }

    /** A comment beside the figures. */
    public void comment(String text) {
        line("# " + text);
    }

    /** What goes on, for whoever waits. */
    public void progress(String text) {
        progress.println(text);
        progress.flush();
    }

    /** The medians of a workload's readings, and how the first contender stands to the others. */
    void medians(String suite, String workload, Map<String, List<Reading>> byContender) {
        Map<String, Map<String, Double>> medians = new LinkedHashMap<>();
        byContender.forEach((contender, readings) -> medians.put(contender, mediansOf(readings)));
        medians.forEach((contender, values) ->
                values.forEach((unit, value) -> figure(suite, workload, contender, value, unit)));
        List<String> contenders = new ArrayList<>(medians.keySet());
        for (String other : contenders.subList(Math.min(1, contenders.size()), contenders.size())) {
            Map<String, Double> peer = medians.getOrDefault(other, Map.of());
            medians.getOrDefault(contenders.get(0), Map.of()).forEach((unit, ours) -> {
                Double theirs = peer.get(unit);
                if (theirs != null && theirs != 0) {
                    figure(suite, workload, contenders.get(0) + "/" + other, ours / theirs, "ratio of " + unit);
                }
            });
        }
    }

    private static Map<String, Double> mediansOf(List<Reading> readings) {
        Map<String, List<Double>> values = new LinkedHashMap<>();
        for (Reading reading : readings) {
            values.computeIfAbsent(reading.unit(), unit -> new ArrayList<>()).add(reading.value());
        }
        Map<String, Double> medians = new LinkedHashMap<>();
        values.forEach((unit, all) -> medians.put(unit, Median.of(all)));
        return medians;
    }

    private void figure(String suite, String workload, String contender, double value, String unit) {
        line(String.join(",", suite, workload, contender, number(value), unit));
    }

    /** Whole from a hundred on, three decimals below: no more is known on any machine. */
    static String number(double value) {
        return String.format(Locale.ROOT, Math.abs(value) >= WHOLE_FROM ? "%.0f" : "%.3f", value);
    }

    private void line(String text) {
        figures.println(text);
        figures.flush();
    }
}
