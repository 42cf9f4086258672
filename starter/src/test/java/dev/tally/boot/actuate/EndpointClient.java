package dev.tally.boot.actuate;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Asks the endpoint over HTTP. */
final class EndpointClient {

    private static final JsonMapper JSON = JsonMapper.shared();

    private final HttpClient http = HttpClient.newHttpClient();
    private final String url;

    EndpointClient(int port) {
        this(port, "tallytransactions");
    }

    EndpointClient(int port, String endpoint) {
        this.url = "http://127.0.0.1:" + port + "/actuator/" + endpoint;
    }

    record Answer(int status, JsonNode body) {

        String error() {
            return body.path("error").asString("");
        }

        List<JsonNode> halves() {
            return body.path("halfMessages").valueStream().toList();
        }
    }

    Answer get(String rest) {
        return send(HttpRequest.newBuilder(URI.create(url + rest)).GET());
    }

    Answer post(String transactionId, Map<String, ?> body) {
        return send(posting(transactionId, body));
    }

    Answer postAs(String user, String password, String transactionId, Map<String, ?> body) {
        String credentials =
                Base64.getEncoder().encodeToString((user + ":" + password).getBytes(StandardCharsets.UTF_8));
        return send(posting(transactionId, body).header("Authorization", "Basic " + credentials));
    }

    private HttpRequest.Builder posting(String transactionId, Map<String, ?> body) {
        return HttpRequest.newBuilder(URI.create(url + "/" + transactionId))
                .header("Content-Type", "application/json")
                .POST(BodyPublishers.ofString(JSON.writeValueAsString(body)));
    }

    private Answer send(HttpRequest.Builder request) {
        try {
            HttpResponse<String> response = http.send(request.build(), BodyHandlers.ofString());
            String body = response.body();
            return new Answer(response.statusCode(), JSON.readTree(body.isEmpty() ? "{}" : body));
        } catch (IOException e) {
            throw new AssertionError("The endpoint does not answer", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError("Interrupted", e);
        }
    }
}
