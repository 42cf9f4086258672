package dev.tally.broker.admin;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** Metrics in the text form that Prometheus reads. */
final class PrometheusText {

    static final String CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8";

    /** Beyond that, a double would be written with an exponent. */
    private static final double MOST_EXACT = 9_007_199_254_740_992.0;

    private PrometheusText() {}

    static String of(List<Metric> metrics) {
        Map<String, List<Metric>> byName =
                metrics.stream().collect(Collectors.groupingBy(Metric::name, LinkedHashMap::new, Collectors.toList()));
        StringBuilder out = new StringBuilder();
        byName.forEach((name, values) -> {
            Metric first = values.get(0);
            out.append("# HELP ")
                    .append(name)
                    .append(' ')
                    .append(escaped(first.help(), false))
                    .append('\n');
            out.append("# TYPE ").append(name).append(first.counter() ? " counter\n" : " gauge\n");
            values.forEach(metric -> line(out, metric));
        });
        return out.toString();
    }

    private static void line(StringBuilder out, Metric metric) {
        out.append(metric.name());
        if (!metric.labels().isEmpty()) {
            out.append(new TreeMap<>(metric.labels())
                    .entrySet().stream()
                            .map(label -> label.getKey() + "=\"" + escaped(label.getValue(), true) + "\"")
                            .collect(Collectors.joining(",", "{", "}")));
        }
        out.append(' ').append(number(metric.value())).append('\n');
    }

    private static String number(double value) {
        return value == Math.rint(value) && Math.abs(value) < MOST_EXACT
                ? Long.toString((long) value)
                : Double.toString(value);
    }

    private static String escaped(String text, boolean quoted) {
        String escaped = text.replace("\\", "\\\\").replace("\n", "\\n");
        return quoted ? escaped.replace("\"", "\\\"") : escaped;
    }
}
