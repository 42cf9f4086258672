package dev.tally.request;

import dev.tally.message.MessageId;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;
import org.springframework.web.filter.OncePerRequestFilter;

/**
 * Holds back the replies of idempotent requests until their transactions have ended, which
 * {@link IdempotentRequestInterceptor} begins and ends. To lie behind what authenticates. Requests without a key pass untouched. Thread-safe.
 *
 * @since 0.1
 */
public final class IdempotentRequestFilter extends OncePerRequestFilter {

    private final Supplier<RequestParts> parts;
    private final Supplier<Set<String>> headers;
    private final Set<MessageId> inProcess = ConcurrentHashMap.newKeySet();

    /**
     * Creates the filter.
     *
     * @param parts asked at each request with a key, since filters are created before most beans
     * @param headers the request headers that may carry a key; asked at each request
     */
    public IdempotentRequestFilter(Supplier<RequestParts> parts, Supplier<Set<String>> headers) {
        this.parts = parts;
        this.headers = headers;
    }

    @Override
    protected boolean shouldNotFilter(HttpServletRequest request) {
        return headers.get().stream().allMatch(name -> request.getHeader(name) == null);
    }

    @Override
    protected void doFilterInternal(HttpServletRequest request, HttpServletResponse response, FilterChain chain)
            throws ServletException, IOException {
        IdempotentExchange exchange = new IdempotentExchange(parts.get(), inProcess, request, response);
        request.setAttribute(IdempotentRequestInterceptor.EXCHANGE, exchange);
        try {
            chain.doFilter(exchange.request(), exchange.response());
            exchange.ended();
        } catch (IOException | ServletException | RuntimeException | Error e) {
            exchange.failed(e);
            throw e;
        } finally {
            request.removeAttribute(IdempotentRequestInterceptor.EXCHANGE);
            exchange.close();
        }
    }
}
