package dev.tally.boot.actuate;

import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.actuate.endpoint.web.WebEndpointResponse;

/** How endpoints say that they did not do something, and why. */
final class Refusal {

    static final int FORBIDDEN = 403;
    static final int CONFLICT = 409;

    private Refusal() {}

    static WebEndpointResponse<Object> refused(int status, @Nullable String why) {
        return new WebEndpointResponse<>(Map.of("error", String.valueOf(why)), status);
    }
}
