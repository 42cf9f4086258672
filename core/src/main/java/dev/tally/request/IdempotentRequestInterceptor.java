package dev.tally.request;

import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.List;
import java.util.Objects;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.springframework.web.method.HandlerMethod;
import org.springframework.web.servlet.AsyncHandlerInterceptor;
import org.springframework.web.servlet.HandlerMapping;
import org.springframework.web.servlet.ModelAndView;

/**
 * Begins idempotent requests, after every other interceptor has agreed to them, and ends their transactions, before any
 * other interceptor lets go of what it holds for the request; {@link IdempotentRequestFilter} sends their replies. To be the
 * last interceptor. Thread-safe.
 *
 * @since 0.1
 */
public final class IdempotentRequestInterceptor implements AsyncHandlerInterceptor {

    static final String EXCHANGE = IdempotentExchange.class.getName();

    private final Supplier<RequestParts> parts;

    /**
     * Creates the interceptor.
     *
     * @param parts asked for each request without a key
     */
    public IdempotentRequestInterceptor(Supplier<RequestParts> parts) {
        this.parts = parts;
    }

    @Override
    public boolean preHandle(HttpServletRequest request, HttpServletResponse response, Object handler)
            throws IOException, ServletException {
        IdempotentRequest annotation = annotationOf(handler);
        if (annotation == null) {
            return true;
        }
        List<String> values = RequestKey.values(request, annotation.header());
        if (values.isEmpty()) {
            RequestProblem.KEY_MISSING.send(
                    response,
                    parts.get().mapper(),
                    "The header " + annotation.header() + " is missing, which this operation needs to take effect once;"
                            + " nothing was done. Send one key for each operation, and the same one when repeating it");
            return false;
        }
        String key = RequestKey.parse(values);
        if (key == null) {
            RequestProblem.KEY_INVALID.send(
                    response,
                    parts.get().mapper(),
                    "The header " + annotation.header() + " holds no key: one text of 1 to " + RequestKey.MAX_LENGTH
                            + " printable ASCII characters is possible, in quotes or without; nothing was done");
            return false;
        }
        return exchange(request)
                .begin(
                        Objects.toString(request.getAttribute(HandlerMapping.BEST_MATCHING_PATTERN_ATTRIBUTE), ""),
                        parts.get().scope().scopeOf(request),
                        key);
    }

    @Override
    public void postHandle(
            HttpServletRequest request,
            HttpServletResponse response,
            Object handler,
            @Nullable ModelAndView modelAndView) {
        if (annotationOf(handler) != null) {
            exchange(request).handled();
        }
    }

    @Override
    public void afterCompletion(
            HttpServletRequest request, HttpServletResponse response, Object handler, @Nullable Exception thrown) {
        if (annotationOf(handler) != null) {
            exchange(request).settle(thrown);
        }
    }

    /** Instead of {@link #afterCompletion}; the other interceptors let go here, too. */
    @Override
    public void afterConcurrentHandlingStarted(
            HttpServletRequest request, HttpServletResponse response, Object handler) {
        if (annotationOf(handler) != null) {
            exchange(request).settle(null);
        }
    }

    static @Nullable IdempotentRequest annotationOf(Object handler) {
        return handler instanceof HandlerMethod method ? method.getMethodAnnotation(IdempotentRequest.class) : null;
    }

    private static IdempotentExchange exchange(HttpServletRequest request) {
        if (request.getAttribute(EXCHANGE) instanceof IdempotentExchange exchange) {
            return exchange;
        }
        throw new IllegalStateException("Cannot handle " + request.getMethod() + " " + request.getRequestURI()
                + " with an idempotency key: it did not pass IdempotentRequestFilter; register that for every request."
                + " The handler was not called");
    }
}
