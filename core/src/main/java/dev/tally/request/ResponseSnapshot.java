package dev.tally.request;

import jakarta.servlet.http.HttpServletResponse;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a response says before a handler runs, set by filters and interceptors around it.
 *
 * @param headers by name
 */
record ResponseSnapshot(
        int status,
        Map<String, List<String>> headers,
        @Nullable String contentType) {

    static ResponseSnapshot of(HttpServletResponse response) {
        return new ResponseSnapshot(response.getStatus(), ReplyHeaders.of(response), response.getContentType());
    }

    /** Takes back everything that was said since; no header can be removed by itself. */
    void restore(HttpServletResponse response) {
        response.reset();
        response.setStatus(status);
        if (contentType != null) {
            response.setContentType(contentType);
        }
        headers.forEach((name, values) -> {
            if (!name.equalsIgnoreCase("Content-Type")) {
                values.forEach(value -> response.addHeader(name, value));
            }
        });
    }
}
