package dev.tally.transport.pulsar;

import dev.tally.transport.TransportException;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import org.apache.pulsar.client.api.Authentication;
import org.apache.pulsar.client.api.AuthenticationDataProvider;
import org.apache.pulsar.client.api.PulsarClientException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Asks Pulsar's administration. Not by Pulsar's own client for that: its jar has other versions of the classes of {@code
 * pulsar-client}, and where it comes first on the class path no schema of JSON or Avro can be made. Thread-safe.
 */
final class AdminHttp implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(AdminHttp.class);

    /** A broker sends on to the one that has the topic. */
    private static final int MOST_REDIRECTIONS = 5;

    private static final int LONGEST_REASON = 500;

    private final PulsarAdminSettings settings;
    private final List<URI> addresses;
    private final HttpClient client;
    private final JsonMapper json = new JsonMapper();

    /** @throws IllegalArgumentException if its authentication cannot be started */
    AdminHttp(PulsarAdminSettings settings) {
        this.settings = settings;
        this.addresses = settings.addresses();
        HttpClient.Builder builder = HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                .followRedirects(HttpClient.Redirect.NEVER)
                .connectTimeout(settings.connectionTimeout());
        if (settings.tls() != null) {
            builder.sslContext(settings.tls());
        }
        this.client = builder.build();
        Authentication authentication = settings.authentication();
        if (authentication != null) {
            try {
                authentication.start();
            } catch (PulsarClientException e) {
                throw new IllegalArgumentException("Cannot start the authentication for Pulsar's administration", e);
            }
        }
    }

    /** What is to be asked: a path below the address, and a body where there is one. */
    private record Question(String method, String path, String body) {

        HttpRequest.Builder at(URI uri) {
            HttpRequest.BodyPublisher publisher =
                    body.isEmpty() ? HttpRequest.BodyPublishers.noBody() : HttpRequest.BodyPublishers.ofString(body);
            return HttpRequest.newBuilder(uri)
                    .header("Content-Type", "application/json")
                    .method(method, publisher);
        }
    }

    /**
     * Reads something.
     *
     * @return fails with a {@link TransportException}, an {@link AdminRefusal} where there was an answer
     */
    CompletableFuture<HttpResponse<String>> get(String path) {
        return ask(new Question("GET", path, ""));
    }

    /** See {@link #get}; changes something. */
    CompletableFuture<HttpResponse<String>> send(String method, String path, Map<String, ?> body) {
        return ask(new Question(method, path, json.writeValueAsString(body)));
    }

    /** @throws TransportException if the answer is no JSON */
    JsonNode read(HttpResponse<String> answer) {
        try {
            return json.readTree(answer.body());
        } catch (JacksonException e) {
            throw new TransportException(answer.uri() + " answered what is no JSON: " + shortened(answer.body()), e);
        }
    }

    private CompletableFuture<HttpResponse<String>> ask(Question question) {
        return ask(question, 0)
                .orTimeout(settings.requestTimeout().toMillis(), TimeUnit.MILLISECONDS)
                .exceptionallyCompose(failure -> CompletableFuture.failedFuture(explained(question, failure)));
    }

    private static TransportException explained(Question question, Throwable failure) {
        Throwable cause = SendFailures.unwrapped(failure);
        return cause instanceof TransportException known
                ? known
                : new TransportException(
                        question.method() + " " + question.path() + " of Pulsar's administration: "
                                + SendFailures.reason(cause),
                        cause);
    }

    private CompletableFuture<HttpResponse<String>> ask(Question question, int address) {
        return ask(question, URI.create(addresses.get(address) + question.path()), 0)
                .exceptionallyCompose(failure -> {
                    boolean unreachable = SendFailures.unwrapped(failure) instanceof IOException;
                    return unreachable && address + 1 < addresses.size()
                            ? ask(question, address + 1)
                            : CompletableFuture.failedFuture(failure);
                });
    }

    private CompletableFuture<HttpResponse<String>> ask(Question question, URI uri, int redirections) {
        HttpRequest request = authenticated(question.at(uri), uri)
                .timeout(settings.readTimeout())
                .build();
        return client.sendAsync(request, HttpResponse.BodyHandlers.ofString(StandardCharsets.UTF_8))
                .thenCompose(answer -> {
                    int status = answer.statusCode();
                    if (status / 100 == 2) {
                        return CompletableFuture.completedFuture(answer);
                    }
                    URI other = answer.headers()
                            .firstValue("Location")
                            .map(uri::resolve)
                            .orElse(null);
                    if (status / 100 == 3 && other != null && redirections < MOST_REDIRECTIONS) {
                        return ask(question, other, redirections + 1);
                    }
                    return CompletableFuture.failedFuture(new AdminRefusal(
                            status, question.method() + " " + uri + " was answered " + status + ", " + reason(answer)));
                });
    }

    private HttpRequest.Builder authenticated(HttpRequest.Builder request, URI uri) {
        Authentication authentication = settings.authentication();
        if (authentication == null) {
            return request;
        }
        try {
            AuthenticationDataProvider data = authentication.getAuthData(uri.getHost());
            if (data.hasDataForHttp() && data.getHttpHeaders() != null) {
                data.getHttpHeaders().forEach(header -> request.setHeader(header.getKey(), header.getValue()));
            }
            return request;
        } catch (Exception e) { // as its interface declares
            throw new CompletionException(new TransportException(
                    "the authentication for Pulsar's administration fails: " + SendFailures.reason(e), e));
        }
    }

    private String reason(HttpResponse<String> answer) {
        try {
            JsonNode body = json.readTree(answer.body());
            return shortened(body.path("reason").asString(answer.body()));
        } catch (JacksonException e) {
            return shortened(answer.body());
        }
    }

    private static String shortened(String text) {
        return text.length() <= LONGEST_REASON ? text : text.substring(0, LONGEST_REASON) + "…";
    }

    /** Ends its authentication. */
    @Override
    public void close() {
        Authentication authentication = settings.authentication();
        if (authentication != null) {
            try {
                authentication.close();
            } catch (IOException e) {
                LOG.debug("Cannot close the authentication for Pulsar's administration", e);
            }
        }
    }
}
