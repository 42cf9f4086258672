package dev.tally.outbox.jdbc;

/** A row from which this version cannot make the message that was published. Trying again will not help. */
final class UnreadableRow extends Exception {

    private static final long serialVersionUID = 1;

    private final long id;
    private final String owner;

    UnreadableRow(long id, String owner, String reason, Throwable cause) {
        super(reason, cause);
        this.id = id;
        this.owner = owner;
    }

    long id() {
        return id;
    }

    String owner() {
        return owner;
    }

    String reason() {
        return "Unreadable row: " + getMessage();
    }
}
