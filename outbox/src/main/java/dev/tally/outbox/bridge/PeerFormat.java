package dev.tally.outbox.bridge;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Timestamp;
import java.time.Instant;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.JdbcOperations;

/**
 * How one kind of outbox keeps its rows. Conditions and expressions are SQL on the alias {@code p}, the same for all
 * databases; they only read.
 */
interface PeerFormat {

    /** Holds for rows that are not delivered. */
    String undelivered();

    /** Which of them are the bridge's, with a parameter for each of {@link #selection}. */
    String selected();

    /** The parameters of {@link #selected}. */
    List<String> selection();

    /** A word for the row's state. */
    String state();

    /** When the row was written, or what comes next to it. */
    String written();

    /** The order in which rows are taken, by expressions that are never null; the id comes after them. */
    List<String> order();

    /** Reads the current row of {@code p.*}. */
    PeerRow read(ResultSet result) throws SQLException;

    /**
     * What shows that an instance of the other outbox has worked after {@code since}.
     *
     * @return a sentence, {@code null} where nothing shows it
     */
    @Nullable String signOfLife(JdbcOperations jdbc, Instant since);

    /** As the others read their time columns: in this process's time zone where the column has none. */
    static @Nullable Instant instant(ResultSet result, String column) throws SQLException {
        Timestamp timestamp = result.getTimestamp(column);
        return timestamp == null ? null : timestamp.toInstant();
    }

    /** A column of text that the schema says is never null. */
    static String text(ResultSet result, String column) throws SQLException {
        String text = result.getString(column);
        return text == null ? "" : text;
    }

    /** A condition on a column, with a parameter for each pattern of {@link #likePatterns}. */
    static String anyLike(String column, int patterns) {
        String one = column + " LIKE ? ESCAPE '!'";
        return "(" + String.join(" OR ", Collections.nCopies(patterns, one)) + ")";
    }

    /** Patterns of SQL, from such in which {@code *} stands for anything. */
    static List<String> likePatterns(List<String> patterns) {
        return patterns.stream()
                .map(pattern -> pattern.replace("!", "!!")
                        .replace("%", "!%")
                        .replace("_", "!_")
                        .replace("*", "%"))
                .toList();
    }
}
