package dev.tally.broker.admin;

import com.sun.net.httpserver.HttpExchange;
import dev.tally.broker.protocol.JsonBody;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Answers {@code POST /backup?to=PATH}: writes a backup, below one directory that was allowed when the broker was started.
 * It asks for a header that no web page can send to another origin unasked, so that a browser on the same machine is of
 * no use to anybody.
 */
final class BackupEndpoint {

    static final String PATH = "/backup";
    static final String HEADER = "X-Tally-Backup";

    private static final int OK = 200;
    private static final int BAD_REQUEST = 400;
    private static final int FORBIDDEN = 403;
    private static final int METHOD_NOT_ALLOWED = 405;
    private static final int FAILED = 500;

    private final Path allowed;
    private final StatusServer.Backup backup;

    /** Backups go below {@code allowed}. */
    BackupEndpoint(Path allowed, StatusServer.Backup backup) {
        this.allowed = allowed.toAbsolutePath().normalize();
        this.backup = backup;
    }

    void answer(HttpExchange exchange) throws IOException {
        if (!exchange.getRequestMethod().equals("POST")) {
            exchange.getResponseHeaders().set("Allow", "POST");
            respond(exchange, METHOD_NOT_ALLOWED, Map.of("error", "A backup is asked for with POST"));
            return;
        }
        if (exchange.getRequestHeaders().getFirst(HEADER) == null) {
            respond(exchange, FORBIDDEN, Map.of("error", "The header " + HEADER + " is missing"));
            return;
        }
        String query = exchange.getRequestURI().getQuery();
        if (query == null || !query.startsWith("to=")) {
            respond(exchange, BAD_REQUEST, Map.of("error", "Where to? " + PATH + "?to=PATH"));
            return;
        }
        Path target = allowed.resolve(query.substring("to=".length())).normalize();
        if (target.equals(allowed) || !target.startsWith(allowed)) {
            respond(
                    exchange,
                    FORBIDDEN,
                    Map.of("error", "Cannot write a backup to " + target + ": only below " + allowed));
            return;
        }
        write(exchange, target);
    }

    private void write(HttpExchange exchange, Path target) throws IOException {
        Map<String, Object> json = new LinkedHashMap<>();
        try {
            json.put("bytes", backup.to(target));
            json.put("to", target.toString());
            respond(exchange, OK, json);
        } catch (IOException e) {
            respond(exchange, FAILED, Map.of("error", "Cannot write a backup to " + target + ": " + e.getMessage()));
        }
    }

    private static void respond(HttpExchange exchange, int code, Map<String, Object> json) throws IOException {
        ByteBuffer encoded = JsonBody.write(json);
        byte[] body = new byte[encoded.remaining()];
        encoded.get(body);
        exchange.getResponseHeaders().set("Content-Type", "application/json");
        exchange.sendResponseHeaders(code, body.length);
        exchange.getResponseBody().write(body);
    }
}
