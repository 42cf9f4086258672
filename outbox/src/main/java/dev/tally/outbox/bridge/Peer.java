package dev.tally.outbox.bridge;

import java.util.List;

/**
 * The other outbox: which one, and the names of its tables, with or without a schema before them.
 *
 * @since 0.1
 */
public sealed interface Peer {

    /** The names of all bridges. */
    List<String> NAMES = List.of(Modulith.NAME, TransactionOutbox.NAME, Namastack.NAME);

    /** The name of its bridge, in Tally's tables, properties, meters and logs. */
    String name();

    /** The table with its rows. */
    String table();

    /**
     * The event publication registry of Spring Modulith (JDBC), in the schema of its version 1 or 2, whatever the
     * completion mode.
     *
     * @param table normally {@value #TABLE}
     * @param listeners whose publications are taken, by the ids of the listeners; {@code *} stands for anything. What is
     *     for others is none of the bridge's business
     */
    record Modulith(String table, List<String> listeners) implements Peer {

        /** The name of its bridge. */
        public static final String NAME = "modulith";

        /** The name of the table, as MySQL and MariaDB want it on systems where case matters. */
        public static final String TABLE = "EVENT_PUBLICATION";

        /** The listeners that hand events to brokers, in all versions of Spring Modulith since 1.1. */
        public static final String EXTERNALIZERS = "org.springframework.modulith.events.support.*";

        /** Checks the names. */
        public Modulith {
            TableName.require(NAME, table);
            listeners = List.copyOf(listeners);
            if (listeners.isEmpty()) {
                throw new BridgeRefusedException("Cannot bridge Spring Modulith's event publications: no listener is"
                        + " named, and those of in-process listeners are not to be sent to a broker; name some");
            }
        }

        @Override
        public String name() {
            return NAME;
        }
    }

    /**
     * transaction-outbox, with any version of its schema.
     *
     * @param table normally {@value #TABLE}
     */
    record TransactionOutbox(String table) implements Peer {

        /** The name of its bridge. */
        public static final String NAME = "transaction-outbox";

        /** The name of the table unless it was configured. */
        public static final String TABLE = "TXNO_OUTBOX";

        /** Checks the name. */
        public TransactionOutbox {
            TableName.require(NAME, table);
        }

        @Override
        public String name() {
            return NAME;
        }
    }

    /**
     * namastack-outbox, from its version 1.0 on.
     *
     * @param table normally {@value #TABLE}
     * @param instanceTable normally {@value #INSTANCE_TABLE}; tells whether an instance of it is alive
     * @param handlers whose records are taken, by the ids of the handlers; {@code *} stands for anything, none for all.
     *     There is a record for each handler of a payload
     */
    record Namastack(String table, String instanceTable, List<String> handlers) implements Peer {

        /** The name of its bridge. */
        public static final String NAME = "namastack";

        /** The name of the table unless it was configured. */
        public static final String TABLE = "outbox_record";

        /** The name of the table of instances unless it was configured. */
        public static final String INSTANCE_TABLE = "outbox_instance";

        /** Checks the names. */
        public Namastack {
            TableName.require(NAME, table);
            TableName.require(NAME, instanceTable);
            handlers = List.copyOf(handlers);
        }

        @Override
        public String name() {
            return NAME;
        }
    }
}
