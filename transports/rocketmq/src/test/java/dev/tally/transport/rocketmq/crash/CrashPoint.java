package dev.tally.transport.rocketmq.crash;

import java.util.Arrays;
import java.util.List;
import java.util.Set;

/** A step of the protocol at which a process is killed. */
public enum CrashPoint {
    /** The business rows are written, the ledger knows nothing yet. */
    BEFORE_LEDGER_ROW(Place.TRANSACTION),
    /** The ledger row is written, the broker has heard nothing. */
    AFTER_LEDGER_ROW(Place.TRANSACTION),
    /** The half messages are on their way, no answer has been seen. */
    PREPARE_IN_FLIGHT(Place.TRANSACTION),
    /** Of several half messages, the broker has confirmed the first ones, and the others have not been sent. */
    SOME_HALVES_STORED(Place.TRANSACTION),
    /** The broker has confirmed all half messages, the commit has not begun. */
    ALL_HALVES_STORED(Place.TRANSACTION),
    /** The commit is on its way to the database. */
    DURING_COMMIT(Place.TRANSACTION),
    /** The database has committed; the service never sees the answer. */
    COMMIT_UNANSWERED(Place.TRANSACTION),
    /** Committed, and the broker has not been told. */
    AFTER_COMMIT(Place.TRANSACTION),
    /** The decision is on its way to the broker, no answer has been seen. */
    DECISION_IN_FLIGHT(Place.TRANSACTION),
    /** The broker has confirmed the decision, the ledger still has the row. */
    BEFORE_FORGETTING(Place.FORGETTING),
    /** The broker refused or its answer was lost; the outbox has nothing yet. */
    BEFORE_OUTBOX_ROW(Place.FALLBACK),
    /** The outbox row is written, not committed. */
    AFTER_OUTBOX_ROW(Place.FALLBACK),
    /** The outbox row is committed, the relay has not been told. */
    AFTER_FALLBACK_COMMIT(Place.FALLBACK),
    /** A check-back has arrived, the database has not been asked. */
    CHECK_BACK_RECEIVED(Place.CHECK_BACK),
    /** The ledger was read or the fence inserted, not committed. */
    FENCE_UNCOMMITTED(Place.CHECK_BACK),
    /** The fence is committed, the broker has no answer. */
    CHECK_BACK_UNANSWERED(Place.CHECK_BACK),
    /** A message has arrived, nothing is written. */
    BEFORE_INBOX_ROW(Place.CONSUMER),
    /** The inbox row is written, the handler has not been called. */
    BEFORE_HANDLER(Place.CONSUMER),
    /** The handler's effects are written, not committed. */
    AFTER_HANDLER(Place.CONSUMER),
    /** Committed, not acknowledged. */
    UNACKNOWLEDGED(Place.CONSUMER),
    /** A half message has arrived at the broker, it is not stored. */
    BROKER_PREPARE_RECEIVED(Place.BROKER),
    /** The broker has stored a half message, and has not answered. */
    BROKER_PREPARE_UNANSWERED(Place.BROKER),
    /** A decision has arrived at the broker, it is not stored. */
    BROKER_DECISION_RECEIVED(Place.BROKER),
    /** The broker has stored a decision, and has not answered. */
    BROKER_DECISION_UNANSWERED(Place.BROKER),
    /** The broker has asked, and takes no answer any more. */
    BROKER_CHECK_BACK_SENT(Place.BROKER);

    /** Where in which process a point is. */
    public enum Place {
        /** In the transaction of the business. */
        TRANSACTION,
        /** In the service, after the transaction. */
        FORGETTING,
        /** In a transaction that the broker has not taken the half messages of. */
        FALLBACK,
        /** In the service that is asked. */
        CHECK_BACK,
        /** In the service that consumes. */
        CONSUMER,
        /** In the broker. */
        BROKER
    }

    private final Place place;

    CrashPoint(Place place) {
        this.place = place;
    }

    /** Where it is. */
    public Place place() {
        return place;
    }

    /** Whether the step goes on while the process is killed. */
    boolean isInFlight() {
        return this == PREPARE_IN_FLIGHT || this == DURING_COMMIT || this == DECISION_IN_FLIGHT;
    }

    /** Whether a transaction of the service's own stops there. */
    boolean isOfTransaction() {
        return place == Place.TRANSACTION || place == Place.FALLBACK;
    }

    /** All points at some places. */
    static List<CrashPoint> at(Place... places) {
        Set<Place> wanted = Set.of(places);
        return Arrays.stream(values())
                .filter(point -> wanted.contains(point.place))
                .toList();
    }
}
