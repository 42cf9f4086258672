package dev.tally.request;

import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Map;
import tools.jackson.databind.json.JsonMapper;

/** Why a request is not handled, as problem details (RFC 9457). */
enum RequestProblem {
    KEY_MISSING(400, "Bad Request", "TALLY-REQUEST-KEY-MISSING"),
    KEY_INVALID(400, "Bad Request", "TALLY-REQUEST-KEY-INVALID"),
    BODY_TOO_LARGE(413, "Content Too Large", "TALLY-REQUEST-TOO-LARGE"),
    IN_PROCESS(409, "Conflict", "TALLY-REQUEST-IN-PROCESS"),
    REPLY_GONE(409, "Conflict", "TALLY-REQUEST-REPLY-GONE"),
    KEY_REUSED(422, "Unprocessable Content", "TALLY-REQUEST-KEY-REUSED");

    private final int status;
    private final String title;
    private final String code;

    RequestProblem(int status, String title, String code) {
        this.status = status;
        this.title = title;
        this.code = code;
    }

    void send(HttpServletResponse response, JsonMapper mapper, String detail) throws IOException {
        Map<String, Object> problem = new LinkedHashMap<>();
        problem.put("type", "about:blank");
        problem.put("title", title);
        problem.put("status", status);
        problem.put("detail", detail);
        problem.put("code", code);
        byte[] body = mapper.writeValueAsBytes(problem);
        response.setStatus(status);
        if (this == IN_PROCESS) {
            response.setHeader("Retry-After", "1");
        }
        response.setContentType("application/problem+json");
        response.setContentLength(body.length);
        response.getOutputStream().write(body);
    }
}
