package dev.tally.boot;

import dev.tally.message.TallyException;
import dev.tally.outbox.StoredType;
import dev.tally.outbox.StoredTypes;
import dev.tally.outbox.jdbc.JdbcOutboxStore;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.BiFunction;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.context.SmartLifecycle;

/**
 * Tells at the start, before the relay sends, which stored messages nobody in this application will be able to handle: a
 * renamed class is found before its messages are dead letters. Sending needs no class, so that topics which are consumed
 * elsewhere are not looked at. Nothing is changed, and nothing is held up.
 */
final class StoredTypesReport implements SmartLifecycle {

    private static final Logger log = LoggerFactory.getLogger(StoredTypesReport.class);

    /** Enough to see every type that there are many of, and read within a moment. */
    private static final int ROWS = 10_000;

    private final Map<String, JdbcOutboxStore> stores;
    private final BiFunction<String, String, List<String>> groupsWithoutHandler;
    private volatile boolean running;

    /**
     * @param stores by the name of the data source, empty for the primary one
     * @param groupsWithoutHandler of a topic, for a type
     */
    StoredTypesReport(
            Map<String, JdbcOutboxStore> stores, BiFunction<String, String, List<String>> groupsWithoutHandler) {
        this.stores = stores;
        this.groupsWithoutHandler = groupsWithoutHandler;
    }

    @Override
    public void start() {
        running = true;
        stores.forEach((name, store) -> {
            try {
                report(name, store.storedTypes(ROWS));
            } catch (TallyException e) {
                log.warn("Cannot look for stored messages without a handler; the start goes on", e);
            }
        });
    }

    private void report(String dataSource, StoredTypes stored) {
        List<String> found = new ArrayList<>();
        for (StoredType type : stored.types()) {
            List<String> groups = groupsWithoutHandler.apply(type.topic(), type.type());
            if (type.format() > stored.highestFormat()) {
                found.add(described(type) + ": written in row format " + type.format() + ", this version reads up to "
                        + stored.highestFormat() + ". They are parked when they are read; resume them when nodes of a"
                        + " later version run");
            } else if (!groups.isEmpty()) {
                found.add(described(type) + ": no handler of group " + String.join(", ", groups)
                        + " takes the type. They are sent, and dead-lettered there: give a class this name with"
                        + " @MessageType, or define a PayloadUpcaster from it");
            }
        }
        if (!found.isEmpty()) {
            log.warn(
                    "Stored messages that cannot be handled here dataSource={} {}:\n - {}",
                    dataSource.isEmpty() ? "primary" : dataSource,
                    stored.complete() ? "all rows counted" : "not all rows counted, there may be more",
                    String.join("\n - ", found));
        }
    }

    private static String described(StoredType type) {
        return type.rows() + " of type '" + type.type() + "' for topic '" + type.topic() + "'";
    }

    @Override
    public void stop() {
        running = false;
    }

    @Override
    public boolean isRunning() {
        return running;
    }

    @Override
    public int getPhase() {
        return OutboxRuntime.PHASE - 1;
    }
}
