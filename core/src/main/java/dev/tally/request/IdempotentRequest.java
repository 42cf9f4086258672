package dev.tally.request;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * Requests to this handler method of a Spring MVC controller bring a key, and take effect once for each key: a request
 * that is repeated gets the reply that the first one got, with the header {@code Idempotency-Replayed: true}, and does not
 * reach the method.
 *
 * <p>The method runs in a transaction, which its own {@code @Transactional} has to take part in, and in which the key and the reply are kept too, and which commits before anything is
 * sent to the client. A key is one for an HTTP method, a path pattern and a scope, by default
 * the authenticated user ({@link RequestKeyScope}).
 *
 * <ul>
 *   <li>400: the request has no key, or what cannot be one.
 *   <li>409 with {@code Retry-After}: a request with this key is being handled.
 *   <li>422: the key was used for another request (path, query or body differ).
 *   <li>An exception that leaves the method, and a status of 500 or above, take everything back; the key can be used again.
 *   <li>Every other reply is kept and its effects stand, also one of the 400s that the method returns.
 * </ul>
 *
 * @since 0.1
 */
@Documented
@Target(ElementType.METHOD)
@Retention(RetentionPolicy.RUNTIME)
public @interface IdempotentRequest {

    /** The request header with the key. */
    String header() default "Idempotency-Key";
}
