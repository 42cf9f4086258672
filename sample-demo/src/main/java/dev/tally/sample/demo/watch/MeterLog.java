package dev.tally.sample.demo.watch;

import dev.tally.sample.demo.process.Child;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;

/**
 * Counters of a service over all its incarnations. A kill takes the counters with it, so they are read again and again
 * and the last reading of each incarnation counts: a sum is "at least". Thread-safe.
 *
 * @since 0.1
 */
public final class MeterLog {

    private final Child service;
    private final URI page;
    private final HttpClient http;
    private final Map<Integer, Map<String, Double>> lastByIncarnation = new HashMap<>();

    /** A log of {@code service}, reached at {@code address}, which ends in a slash. */
    public MeterLog(Child service, URI address, HttpClient http) {
        this.service = service;
        this.page = address.resolve("actuator/prometheus");
        this.http = http;
    }

    /** Reads the counters once; a service that is down just now is left out. */
    public void read() throws InterruptedException {
        int incarnation = service.starts();
        HttpRequest request =
                HttpRequest.newBuilder(page).timeout(Duration.ofSeconds(5)).build();
        try {
            HttpResponse<String> response = http.send(request, HttpResponse.BodyHandlers.ofString());
            if (response.statusCode() == 200 && service.starts() == incarnation) {
                note(incarnation, response.body());
            }
        } catch (IOException downJustNow) {
            note(incarnation, "");
        }
    }

    /** The sum, over all incarnations, of the samples with this name and this text in their labels. */
    public synchronized long atLeast(String name, String label) {
        double sum = 0;
        for (Map<String, Double> samples : lastByIncarnation.values()) {
            for (Map.Entry<String, Double> sample : samples.entrySet()) {
                if (isCalled(sample.getKey(), name) && sample.getKey().contains(label)) {
                    sum += sample.getValue();
                }
            }
        }
        return Math.round(sum);
    }

    synchronized void note(int incarnation, String text) {
        Map<String, Double> samples = Meters.parse(text);
        if (!samples.isEmpty()) {
            lastByIncarnation.put(incarnation, samples);
        }
    }

    private static boolean isCalled(String sample, String name) {
        return sample.equals(name) || sample.startsWith(name + "{");
    }
}
