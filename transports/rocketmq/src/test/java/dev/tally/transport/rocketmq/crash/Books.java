package dev.tally.transport.rocketmq.crash;

import dev.tally.half.HalfMessageList;
import dev.tally.half.HalfMessagesUnavailableException;
import dev.tally.transport.rocketmq.RocketMqTransport;
import java.util.List;
import javax.sql.DataSource;
import org.springframework.jdbc.core.JdbcTemplate;

/** What the database and the broker hold, against what they should. */
final class Books {

    /** What is said when business, effects, outbox and broker agree. */
    static final String SETTLED = "missing=[] phantom=[] twice=[] outbox=0 undecided=[]";

    /** The same at a broker that tells nobody what it has undecided. */
    static final String SETTLED_AS_FAR_AS_TOLD = "missing=[] phantom=[] twice=[] outbox=0 undecided=untold";

    private static final int MOST = 50;

    /** Committed, but not all of its messages have taken effect. */
    private static final String MISSING = """
            SELECT CONCAT(b.name, '/', p.number)
            FROM business b
            JOIN part p ON p.number < b.messages
            LEFT JOIN effect e ON e.transaction_name = b.name AND e.part = p.number
            WHERE e.transaction_name IS NULL
            ORDER BY 1""";

    /** A message took effect whose transaction did not commit. */
    private static final String PHANTOM = """
            SELECT CONCAT(e.transaction_name, '/', e.part)
            FROM effect e
            LEFT JOIN business b ON b.name = e.transaction_name AND b.messages > e.part
            WHERE b.name IS NULL
            ORDER BY 1""";

    /** A message took effect more than once. */
    private static final String TWICE = """
            SELECT CONCAT(transaction_name, '/', part)
            FROM effect
            GROUP BY transaction_name, part
            HAVING COUNT(*) > 1
            ORDER BY 1""";

    private final JdbcTemplate jdbc;
    private final RocketMqTransport transport;

    Books(DataSource dataSource, RocketMqTransport transport) {
        this.jdbc = new JdbcTemplate(dataSource);
        this.transport = transport;
    }

    /** The tables of the business and of the effects. */
    static List<String> schema() {
        return List.of(
                "CREATE TABLE business (name VARCHAR(40) PRIMARY KEY, messages INT NOT NULL,"
                        + " commit_millis INT NOT NULL)",
                "CREATE TABLE effect (transaction_name VARCHAR(40) NOT NULL, part INT NOT NULL)",
                "CREATE TABLE part (number INT PRIMARY KEY)",
                "INSERT INTO part (number) VALUES (0), (1), (2), (3), (4), (5)");
    }

    /**
     * Makes PostgreSQL take its time for a commit, before it writes it: so the server can be killed while it is under way.
     */
    static List<String> slowCommits() {
        return List.of("""
            CREATE FUNCTION take_time() RETURNS TRIGGER AS $$
            BEGIN
                PERFORM pg_sleep(NEW.commit_millis / 1000.0);
                RETURN NULL;
            END
            $$ LANGUAGE plpgsql""", """
            CREATE CONSTRAINT TRIGGER slow_commit AFTER INSERT ON business DEFERRABLE INITIALLY DEFERRED
            FOR EACH ROW WHEN (NEW.commit_millis > 0) EXECUTE FUNCTION take_time()""");
    }

    String read() {
        // The broker first, then the outbox: what has left them by now has taken effect, or is still missing.
        String undecided = undecided();
        Integer outbox = jdbc.queryForObject("SELECT COUNT(*) FROM tally_outbox", Integer.class);
        return "missing=" + some(MISSING) + " phantom=" + some(PHANTOM) + " twice=" + some(TWICE) + " outbox=" + outbox
                + " undecided=" + undecided;
    }

    private List<String> some(String query) {
        return jdbc.queryForList(query, String.class).stream().limit(MOST).toList();
    }

    private String undecided() {
        HalfMessageList open;
        try {
            open = transport.undecided(MOST);
        } catch (HalfMessagesUnavailableException e) {
            return "unknown(" + e.getMessage() + ")";
        }
        if (!open.complete() && open.halves().isEmpty()) {
            return "untold";
        }
        return open.halves().stream()
                .map(half -> half.messageId() + (half.parked() ? " (parked)" : "") + " of " + half.transactionId()
                        + " asked " + half.checks() + " times")
                .toList()
                .toString();
    }
}
