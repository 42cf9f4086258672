package dev.tally.broker.admin;

import java.util.List;
import java.util.Map;

/**
 * What the admin port shows. Thread-safe.
 *
 * @since 0.1
 */
public interface AdminView {

    /** Everything, for people and scripts. */
    Map<String, Object> status();

    /** Numbers for a monitoring system. */
    List<Metric> metrics();

    /** How it is doing. */
    Health health();

    /**
     * In one word.
     *
     * @since 0.1
     */
    enum Health {
        /** Takes and delivers messages. */
        UP,
        /** Delivers, but takes no new messages until there is space; a restart does not help. */
        REFUSING,
        /** Takes nothing more until it is started again. */
        DOWN
    }
}
