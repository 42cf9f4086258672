package dev.tally.broker.admin;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.tally.broker.protocol.JsonBody;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Answers {@code GET /status} with JSON, on loopback only, and writes backups where that is allowed. It changes nothing
 * else and has no authentication.
 *
 * @since 0.1
 */
public final class StatusServer implements AutoCloseable {

    private static final Logger log = LoggerFactory.getLogger(StatusServer.class);
    private static final int OK = 200;
    private static final int NOT_FOUND = 404;
    private static final int METHOD_NOT_ALLOWED = 405;
    private static final int FAILED = 500;

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

    /** Listens on a port of loopback, 0 for any free one. */
    public static StatusServer listen(int port, Supplier<Map<String, Object>> status) throws IOException {
        InetSocketAddress bindTo = new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
        HttpServer server;
        try {
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
        server.createContext("/", exchange -> answer(exchange, status));
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

    private static void answer(HttpExchange exchange, Supplier<Map<String, Object>> status) throws IOException {
        try (exchange) {
            if (!exchange.getRequestURI().getPath().equals("/status")) {
                text(exchange, NOT_FOUND, "Only /status is here\n");
            } else if (!exchange.getRequestMethod().equals("GET")) {
                exchange.getResponseHeaders().set("Allow", "GET");
                text(exchange, METHOD_NOT_ALLOWED, "The status can only be read\n");
            } else {
                json(exchange, JsonBody.write(status.get()));
            }
        } catch (RuntimeException e) {
            log.warn("Status not answered", e);
            text(exchange, FAILED, "The status cannot be read now; the broker's log says why\n");
        }
    }

    private static void json(HttpExchange exchange, ByteBuffer body) throws IOException {
        byte[] bytes = new byte[body.remaining()];
        body.get(bytes);
        exchange.getResponseHeaders().set("Content-Type", "application/json");
        exchange.sendResponseHeaders(OK, bytes.length);
        exchange.getResponseBody().write(bytes);
    }

    private static void text(HttpExchange exchange, int code, String text) throws IOException {
        byte[] body = text.getBytes(StandardCharsets.UTF_8);
        exchange.getResponseHeaders().set("Content-Type", "text/plain; charset=utf-8");
        exchange.sendResponseHeaders(code, body.length);
        exchange.getResponseBody().write(body);
    }
}
