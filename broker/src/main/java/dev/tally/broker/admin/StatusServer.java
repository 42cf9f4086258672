package dev.tally.broker.admin;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.tally.broker.protocol.JsonBody;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The admin port: a page for people at {@code /}, the same as JSON at {@code /status}, numbers for Prometheus at
 * {@code /metrics}; {@code /health} answers 503 when only a restart helps, {@code /ready} also while no message is taken.
 * It writes backups where that is allowed, changes nothing else, and has no authentication.
 *
 * @since 0.1
 */
public final class StatusServer implements AutoCloseable {

    private static final Logger log = LoggerFactory.getLogger(StatusServer.class);
    private static final int OK = 200;
    private static final int FORBIDDEN = 403;
    private static final int NOT_FOUND = 404;
    private static final int METHOD_NOT_ALLOWED = 405;
    private static final int FAILED = 500;
    private static final int UNAVAILABLE = 503;

    private final HttpServer server;
    private final ExecutorService threads;

    private StatusServer(HttpServer server, ExecutorService threads) {
        this.server = server;
        this.threads = threads;
    }

    /** Writes a backup to a directory and returns the bytes of its log. */
    @FunctionalInterface
    public interface Backup {

        /** Writes it. */
        long to(Path target) throws IOException;
    }

    /** Also answers {@code POST /backup}: writes backups below a directory, and nowhere else. */
    public StatusServer allowBackups(Path below, Backup backup) {
        BackupEndpoint endpoint = new BackupEndpoint(below, backup);
        server.createContext(BackupEndpoint.PATH, exchange -> {
            try (exchange) {
                endpoint.answer(exchange);
            } catch (RuntimeException e) {
                log.warn("Backup not answered", e);
                text(exchange, FAILED, "The backup failed; the broker's log says why\n");
            }
        });
        return this;
    }

    /** Listens; port 0 is any free one. */
    public static StatusServer listen(InetSocketAddress bindTo, AdminView view) throws IOException {
        HttpServer server;
        try {
            if (bindTo.isUnresolved()) {
                throw new IOException("the host is not known");
            }
            server = HttpServer.create(bindTo, 16);
        } catch (IOException e) {
            throw new IOException("Cannot serve the status page on " + bindTo + ": " + e.getMessage(), e);
        }
        ExecutorService threads = Executors.newFixedThreadPool(2, task -> {
            Thread thread = new Thread(task, "tally-broker-admin");
            thread.setDaemon(true);
            return thread;
        });
        server.setExecutor(threads);
        server.createContext("/", exchange -> answer(exchange, view));
        server.start();
        return new StatusServer(server, threads);
    }

    /** Where it listens. */
    public InetSocketAddress address() {
        return server.getAddress();
    }

    @Override
    public void close() {
        server.stop(0);
        threads.shutdownNow();
    }

    private static void answer(HttpExchange exchange, AdminView view) throws IOException {
        try (exchange) {
            String method = exchange.getRequestMethod();
            if (!method.equals("GET") && !method.equals("HEAD")) {
                exchange.getResponseHeaders().set("Allow", "GET, HEAD");
                text(exchange, METHOD_NOT_ALLOWED, "The status can only be read\n");
            } else if (isFromAnotherSite(exchange)) {
                text(exchange, FORBIDDEN, "This address is for the machine itself\n");
            } else {
                page(exchange, view);
            }
        } catch (RuntimeException e) {
            log.warn("Status not answered", e);
            text(exchange, FAILED, "The status cannot be read now; the broker's log says why\n");
        }
    }

    private static void page(HttpExchange exchange, AdminView view) throws IOException {
        switch (exchange.getRequestURI().getPath()) {
            case "/" -> send(exchange, OK, StatusPage.CONTENT_TYPE, bytes(StatusPage.of(view.health(), view.status())));
            case "/status" -> json(exchange, OK, view.status());
            case "/metrics" ->
                send(exchange, OK, PrometheusText.CONTENT_TYPE, bytes(PrometheusText.of(view.metrics())));
            case "/health" -> health(exchange, view, AdminView.Health.DOWN);
            case "/ready" -> health(exchange, view, AdminView.Health.REFUSING);
            default -> text(exchange, NOT_FOUND, "Here are /, /status, /metrics, /health and /ready\n");
        }
    }

    /** Unavailable from a state on. */
    private static void health(HttpExchange exchange, AdminView view, AdminView.Health from) throws IOException {
        AdminView.Health health = view.health();
        json(exchange, health.compareTo(from) < 0 ? OK : UNAVAILABLE, Map.of("status", health.name()));
    }

    /**
     * A page from anywhere can have its own name resolve to loopback and so read what a browser on this machine may read.
     * It cannot choose the host name that the browser then sends.
     */
    private static boolean isFromAnotherSite(HttpExchange exchange) {
        if (!exchange.getLocalAddress().getAddress().isLoopbackAddress()) {
            return false;
        }
        String host = exchange.getRequestHeaders().getFirst("Host");
        if (host == null) {
            return false;
        }
        String name = host.replaceFirst(":\\d+$", "").toLowerCase(Locale.ROOT);
        boolean ofThisMachine = name.equals("localhost") || name.startsWith("127.") || name.equals("[::1]");
        return !ofThisMachine;
    }

    private static void json(HttpExchange exchange, int code, Map<String, Object> value) throws IOException {
        ByteBuffer body = JsonBody.write(value);
        byte[] bytes = new byte[body.remaining()];
        body.get(bytes);
        send(exchange, code, "application/json", bytes);
    }

    private static void text(HttpExchange exchange, int code, String text) throws IOException {
        send(exchange, code, "text/plain; charset=utf-8", bytes(text));
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static void send(HttpExchange exchange, int code, String type, byte[] body) throws IOException {
        exchange.getResponseHeaders().set("Content-Type", type);
        exchange.getResponseHeaders().set("X-Content-Type-Options", "nosniff");
        exchange.getResponseHeaders()
                .set(
                        "Content-Security-Policy",
                        "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'");
        if (exchange.getRequestMethod().equals("HEAD")) {
            exchange.sendResponseHeaders(code, -1);
        } else {
            exchange.sendResponseHeaders(code, body.length);
            exchange.getResponseBody().write(body);
        }
    }
}
