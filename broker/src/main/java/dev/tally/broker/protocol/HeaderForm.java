package dev.tally.broker.protocol;

/**
 * The two forms of a command header on the wire. A response uses the form that its request came in.
 *
 * @since 0.1
 */
public enum HeaderForm {
    /** Form 0: a JSON object. */
    JSON,
    /** Form 1: fixed binary fields, then length-prefixed strings. */
    BINARY
}
