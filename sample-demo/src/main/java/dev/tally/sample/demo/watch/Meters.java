package dev.tally.sample.demo.watch;

import java.util.HashMap;
import java.util.Map;

/** The samples of one Prometheus page: what stands before the value, and the value. */
final class Meters {

    private Meters() {}

    static Map<String, Double> parse(String page) {
        Map<String, Double> samples = new HashMap<>();
        page.lines().filter(line -> !line.isBlank() && !line.startsWith("#")).forEach(line -> {
            int end = line.lastIndexOf(' ');
            if (end > 0) {
                samples.put(line.substring(0, end).strip(), number(line.substring(end + 1)));
            }
        });
        return samples;
    }

    private static double number(String text) {
        return switch (text) {
            case "NaN" -> Double.NaN;
            case "+Inf" -> Double.POSITIVE_INFINITY;
            case "-Inf" -> Double.NEGATIVE_INFINITY;
            default -> Double.parseDouble(text);
        };
    }
}
