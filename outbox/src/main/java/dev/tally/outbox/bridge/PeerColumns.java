package dev.tally.outbox.bridge;

import java.sql.ResultSetMetaData;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.springframework.dao.DataAccessException;
import org.springframework.jdbc.BadSqlGrammarException;
import org.springframework.jdbc.core.JdbcOperations;
import org.springframework.jdbc.core.ResultSetExtractor;

/** The columns that a table of the other outbox has: by them its version is told. */
final class PeerColumns {

    private final String bridge;
    private final String table;
    private final Map<String, String> types;

    private PeerColumns(String bridge, String table, Map<String, String> types) {
        this.bridge = bridge;
        this.table = table;
        this.types = types;
    }

    /**
     * Reads them.
     *
     * @throws BridgeRefusedException if there is no such table, or it may not be read
     */
    static PeerColumns of(JdbcOperations jdbc, String bridge, String table) {
        try {
            Map<String, String> types = jdbc.query(
                    "SELECT * FROM " + table + " WHERE 1 = 0", (ResultSetExtractor<Map<String, String>>) result -> {
                        ResultSetMetaData columns = result.getMetaData();
                        Map<String, String> found = new LinkedHashMap<>();
                        for (int i = 1; i <= columns.getColumnCount(); i++) {
                            found.put(
                                    columns.getColumnLabel(i).toLowerCase(Locale.ROOT),
                                    columns.getColumnTypeName(i).toLowerCase(Locale.ROOT));
                        }
                        return found;
                    });
            return new PeerColumns(bridge, table, types == null ? Map.of() : types);
        } catch (BadSqlGrammarException e) {
            throw new BridgeRefusedException(
                    "Cannot bridge " + bridge + ": the table " + table + " is not there, or may not be read ("
                            + reasonOf(e) + "); name the right one, or switch the bridge off",
                    e);
        }
    }

    private static String reasonOf(DataAccessException failure) {
        return String.valueOf(failure.getMostSpecificCause().getMessage());
    }

    boolean has(String column) {
        return types.containsKey(column.toLowerCase(Locale.ROOT));
    }

    void require(String... columns) {
        List<String> missing = List.of(columns).stream().filter(c -> !has(c)).toList();
        if (!missing.isEmpty()) {
            throw new BridgeRefusedException("Cannot bridge " + bridge + ": its table " + table + " has no columns "
                    + missing + " but " + types.keySet() + "; this version of it is not known");
        }
    }

    /** Whether the ids are UUIDs, and not text. */
    boolean idIsUuid() {
        String type = types.getOrDefault("id", "");
        if (type.contains("binary") || type.contains("bytea")) {
            throw new BridgeRefusedException("Cannot bridge " + bridge + ": the ids in " + table
                    + " are binary, as another library than its JDBC module writes them; nothing was taken");
        }
        return type.equals("uuid");
    }
}
