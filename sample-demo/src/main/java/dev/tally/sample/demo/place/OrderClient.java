package dev.tally.sample.demo.place;

import dev.tally.sample.demo.workload.NewOrder;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.json.JsonMapper;

/**
 * The order service as a client sees it. Thread-safe.
 *
 * @since 0.1
 */
public final class OrderClient {

    private static final Duration ANSWERED_WITHIN = Duration.ofSeconds(15);

    private final URI service;
    private final HttpClient http;
    private final JsonMapper json;

    /** A client of the service at {@code service}, which ends in a slash. */
    public OrderClient(URI service, HttpClient http, JsonMapper json) {
        this.service = service;
        this.http = http;
        this.json = json;
    }

    Answer place(NewOrder order, Via via) throws InterruptedException {
        HttpRequest request = HttpRequest.newBuilder(service.resolve(via.path()))
                .timeout(ANSWERED_WITHIN)
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofByteArray(json.writeValueAsBytes(order)))
                .build();
        try {
            HttpResponse<byte[]> response = http.send(request, HttpResponse.BodyHandlers.ofByteArray());
            return understand(response.statusCode(), response.body());
        } catch (IOException lost) {
            return new Answer.None(String.valueOf(lost.getMessage()));
        }
    }

    CancelAnswer cancel(String orderId) throws InterruptedException {
        String id = URLEncoder.encode(orderId, StandardCharsets.UTF_8).replace("+", "%20");
        HttpRequest request = HttpRequest.newBuilder(service.resolve("orders/" + id + "/cancellation"))
                .timeout(ANSWERED_WITHIN)
                .POST(HttpRequest.BodyPublishers.noBody())
                .build();
        try {
            HttpResponse<Void> response = http.send(request, HttpResponse.BodyHandlers.discarding());
            return switch (response.statusCode()) {
                case 200, 202 -> CancelAnswer.ACCEPTED;
                case 404 -> CancelAnswer.NO_ORDER;
                case 409 ->
                    response.headers().firstValue("Retry-After").isPresent() ? CancelAnswer.LATER : CancelAnswer.STANDS;
                default -> CancelAnswer.LATER;
            };
        } catch (IOException lost) {
            return CancelAnswer.LATER;
        }
    }

    private Answer understand(int status, byte[] body) {
        if (status == 201 || status == 200) {
            return new Answer.Accepted(status == 200);
        }
        if (status >= 500) {
            return new Answer.None("HTTP " + status);
        }
        List<Answer.Refusal> errors = status == 422 || status == 400 ? errors(body) : List.of();
        return errors.isEmpty() ? new Answer.Unexpected("HTTP " + status) : new Answer.Refused(errors);
    }

    private List<Answer.Refusal> errors(byte[] body) {
        try {
            List<Answer.Refusal> errors = json.readValue(body, Problem.class).errors();
            return errors == null ? List.of() : errors;
        } catch (JacksonException noProblem) {
            return List.of();
        }
    }

    private record Problem(@Nullable List<Answer.Refusal> errors) {}
}
