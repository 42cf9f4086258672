package dev.tally.outbox.bridge;

import java.util.regex.Pattern;

/** Names of the other outbox's tables, which go into statements as they are. */
final class TableName {

    private static final Pattern NAME =
            Pattern.compile("[A-Za-z_][A-Za-z0-9_$]{0,127}(\\.[A-Za-z_][A-Za-z0-9_$]{0,127})?");

    private TableName() {}

    static void require(String bridge, String table) {
        if (!NAME.matcher(table).matches()) {
            throw new BridgeRefusedException("Cannot bridge " + bridge + " with the table '" + table
                    + "': a name of letters, digits, _ and $ is needed, with a schema's before it or without");
        }
    }
}
