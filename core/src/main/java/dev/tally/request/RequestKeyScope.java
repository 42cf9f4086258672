package dev.tally.request;

import jakarta.servlet.http.HttpServletRequest;
import java.security.Principal;
import org.jspecify.annotations.Nullable;

/**
 * Tells apart callers whose keys have nothing to do with each other: the same key of two scopes is two keys. Must be
 * thread-safe, and tell the same of a request and its repetition.
 *
 * <p>By default a scope is the name of the authenticated user. One bean of this type replaces that, for instance where
 * users of several tenants have the same name.
 *
 * @since 0.1
 */
@FunctionalInterface
public interface RequestKeyScope {

    /**
     * The scope of the keys of {@code request}'s caller, asked before its handler is called; an exception refuses the
     * request.
     *
     * @return any text; {@code null} for the one scope that all callers share of whom nothing is known
     */
    @Nullable String scopeOf(HttpServletRequest request);

    /** The name of the authenticated user. */
    static @Nullable String userOf(HttpServletRequest request) {
        Principal user = request.getUserPrincipal();
        return user == null ? null : user.getName();
    }
}
