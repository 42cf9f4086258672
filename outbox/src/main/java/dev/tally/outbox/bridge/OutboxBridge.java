package dev.tally.outbox.bridge;

import dev.tally.jdbc.Dialect;
import dev.tally.outbox.bridge.DecidedRows.Turn;
import dev.tally.publish.PublishingPath;
import dev.tally.publish.TransactionMarks;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.transaction.PlatformTransactionManager;

/**
 * Takes over what another outbox has left undelivered in its table: each row becomes a message in Tally's outbox, once,
 * and what was taken is noted in a table of Tally's own in the same transaction. The other table is only read.
 *
 * <p>An instance of the other outbox that still runs cannot know what was taken, and would deliver it as well. So nothing
 * is taken in {@link BridgeMode#WATCH}, nor as long as the other table shows that an instance works
 * ({@link BridgeSettings#quietPeriod}), nor a row that was touched within that time. An instance that is alive and shows
 * nothing cannot be seen: that there is none is what {@link BridgeMode#DRAIN} says.
 *
 * <p>Rows are taken in the other outbox's order where it has one, by one process at a time. One that cannot be mapped is
 * left with its reason, and only the rows of its key wait behind it.
 *
 * <p>{@link #step} is to be called by one thread at a time; everything else is thread-safe.
 *
 * @since 0.1
 */
public final class OutboxBridge {

    private static final Logger log = LoggerFactory.getLogger(OutboxBridge.class);

    private static final int PLANNED_BATCHES = 50;
    private static final int MOST_HELD_KEYS = 100_000;
    private static final int MOST_REASONS = 20;
    private static final int FAILURES_IN_A_ROW = 3;

    private final Peer peer;
    private final Dialect dialect;
    private final JdbcTemplate jdbc;
    private final DecidedRows decided;
    private final MapRow mapRow;
    private final TakeBatch takeBatch;
    private final InstantSource clock;
    private final BridgeSettings settings;
    private final BridgeListener listener;

    private @Nullable Round round;
    private @Nullable Instant retryLeftAt;
    private volatile boolean retryLeftNow = true;
    private volatile BridgeState state = BridgeState.STARTING;
    private volatile String detail = "it has not looked yet";
    private volatile long heldInLastRound;

    private OutboxBridge(Builder builder) {
        this.peer = builder.peer;
        this.dialect = builder.dialect;
        this.jdbc = new JdbcTemplate(TransactionMarks.unwrap(builder.dataSource));
        this.decided = new DecidedRows(jdbc, dialect, peer.name());
        this.mapRow = new MapRow(builder.mapping);
        this.takeBatch = new TakeBatch(decided, mapRow, builder.outbox, builder.transactions);
        this.clock = builder.clock;
        this.settings = builder.settings;
        this.listener = builder.listener;
    }

    /**
     * Begins a bridge, with the settings of {@link BridgeMode#WATCH}.
     *
     * @param peer the other outbox; its table is in the same database as Tally's
     * @param dataSource the data source of both
     * @param dialect its dialect
     * @param transactions its transaction manager, the one that Tally's outbox works with
     * @param outbox where the messages go
     * @param mapping makes messages of rows
     * @param clock the clock by which the other outbox writes its times
     */
    public static Builder over(
            Peer peer,
            DataSource dataSource,
            Dialect dialect,
            PlatformTransactionManager transactions,
            PublishingPath outbox,
            BridgeMapping mapping,
            InstantSource clock) {
        return new Builder(peer, dataSource, dialect, transactions, outbox, mapping, clock);
    }

    /** Collects the optional parts. Not thread-safe. */
    public static final class Builder {

        private final Peer peer;
        private final DataSource dataSource;
        private final Dialect dialect;
        private final PlatformTransactionManager transactions;
        private final PublishingPath outbox;
        private final BridgeMapping mapping;
        private final InstantSource clock;
        private BridgeSettings settings = BridgeSettings.of(BridgeMode.WATCH);
        private BridgeListener listener = new BridgeListener() {};

        private Builder(
                Peer peer,
                DataSource dataSource,
                Dialect dialect,
                PlatformTransactionManager transactions,
                PublishingPath outbox,
                BridgeMapping mapping,
                InstantSource clock) {
            this.peer = peer;
            this.dataSource = dataSource;
            this.dialect = dialect;
            this.transactions = transactions;
            this.outbox = outbox;
            this.mapping = mapping;
            this.clock = clock;
        }

        /** How it works; by default it only watches. */
        public Builder settings(BridgeSettings settings) {
            this.settings = settings;
            return this;
        }

        /** Who observes it; nobody by default. */
        public Builder listener(BridgeListener listener) {
            this.listener = listener;
            return this;
        }

        /**
         * The bridge. It does nothing until {@link OutboxBridge#step} is called.
         *
         * @throws BridgeRefusedException if the transactions are not on the data source: notes and messages would not
         *     be committed together
         */
        public OutboxBridge build() {
            Object resource = TransactionMarks.resourceOf(transactions);
            if (resource != null && resource != TransactionMarks.unwrap(dataSource)) {
                throw new BridgeRefusedException("Cannot bridge " + peer.name() + ": the transactions of "
                        + transactions + " are on " + resource + ", and Tally's outbox is in " + dataSource
                        + ", so that a row could be noted without its message, or sent twice. Give it the transaction"
                        + " manager of that data source, or mark that one as the primary one");
            }
            return new OutboxBridge(this);
        }
    }

    /** Its name, which is its peer's. */
    public String name() {
        return peer.name();
    }

    /** What it may do. */
    public BridgeMode mode() {
        return settings.mode();
    }

    /**
     * Does the next piece of work: looks around, or takes one batch in a transaction of its own. Failures are logged, seen
     * in the state, and tried again.
     *
     * @return how long to wait before the next call
     */
    public Duration step() {
        try {
            return next();
        } catch (BridgeRefusedException e) {
            return endRound(BridgeState.REFUSED, String.valueOf(e.getMessage()));
        } catch (RuntimeException e) {
            log.warn(
                    "a bridge failed bridge={} nextAttemptIn={}; nothing of its transaction was taken",
                    name(),
                    settings.interval(),
                    e);
            return endRound(BridgeState.FAILED, e.getClass().getSimpleName() + ": " + e.getMessage());
        }
    }

    private Duration next() {
        Round current = round;
        if (current == null) {
            decided.prepare();
            current = new Round(PeerTable.open(jdbc, dialect, peer), isTimeForLeft());
            if (settings.mode() == BridgeMode.WATCH) {
                return endRound(BridgeState.WATCHING, "it counts, and takes nothing in this mode");
            }
            round = current;
        }
        if (current.nothingIsPlanned()) {
            String sign = current.table.signOfLife(clock.instant().minus(settings.quietPeriod()));
            if (sign != null) {
                return endRound(
                        BridgeState.REFUSED,
                        "within the last " + settings.quietPeriod() + " " + sign
                                + ", so an instance of the old version seems to run; stop it, or wait");
            }
            if (decided.isPaused()) {
                return endRound(BridgeState.PAUSED, "a person has paused it");
            }
            current.plan(settings.batchRows() * PLANNED_BATCHES);
            if (current.nothingIsPlanned() || current.heldKeys().size() > MOST_HELD_KEYS) {
                return finish(current);
            }
        }
        return takeNext(current);
    }

    private boolean isTimeForLeft() {
        Instant at = retryLeftAt;
        return retryLeftNow || at == null || !clock.instant().isBefore(at);
    }

    private Duration takeNext(Round current) {
        List<String> ids = current.nextBatch(settings.batchRows());
        Instant untouchedSince = clock.instant().minus(settings.quietPeriod());
        Turn turn = takeAll(current, ids, untouchedSince);
        return switch (turn) {
            case MINE -> {
                change(BridgeState.DRAINING, "it takes rows");
                yield settings.pauseAfter(ids.size());
            }
            case OF_ANOTHER -> endRound(BridgeState.ELSEWHERE, "another process takes the rows");
            case PAUSED -> endRound(BridgeState.PAUSED, "a person has paused it");
        };
    }

    private Turn takeAll(Round current, List<String> ids, Instant untouchedSince) {
        try {
            return take(current, ids, untouchedSince);
        } catch (RuntimeException e) {
            log.debug("a batch failed, taking its rows one by one bridge={} rows={}", name(), ids.size(), e);
        }
        for (String id : ids) {
            try {
                Turn turn = take(current, List.of(id), untouchedSince);
                if (turn != Turn.MINE) {
                    return turn;
                }
            } catch (RuntimeException e) {
                // If the database can note it, then it is the row; otherwise, or where all fail, it is not.
                if (current.failed() > FAILURES_IN_A_ROW || !leave(current, id, e)) {
                    throw e;
                }
            }
        }
        return Turn.MINE;
    }

    private Turn take(Round current, List<String> ids, Instant untouchedSince) {
        TakeBatch.Result result = takeBatch.take(current.table, ids, current.heldKeys(), untouchedSince);
        current.add(result);
        if (result.taken() + result.dropped() + result.left() > 0) {
            log.debug(
                    "bridged bridge={} taken={} dropped={} left={}",
                    name(),
                    result.taken(),
                    result.dropped(),
                    result.left());
            tell(() -> listener.batch(name(), result.taken(), result.dropped(), result.left()));
        }
        return result.turn();
    }

    private boolean leave(Round current, String id, RuntimeException failure) {
        String reason = "its message was refused: " + failure.getMessage();
        try {
            boolean isLeft = takeBatch.leave(current.table, id, reason);
            if (isLeft) {
                log.warn("left a row whose message was refused bridge={} rowId={}", name(), id, failure);
                tell(() -> listener.batch(name(), 0, 0, 1));
            }
            return isLeft;
        } catch (RuntimeException e) {
            failure.addSuppressed(e);
            return false;
        }
    }

    private Duration finish(Round current) {
        heldInLastRound = current.held();
        if (current.withLeft) {
            retryLeftNow = false;
            retryLeftAt = clock.instant().plus(settings.retryLeft());
        }
        boolean nothingNew = current.isEmpty() && !current.withLeft;
        if (nothingNew && (state == BridgeState.DRAINED || state == BridgeState.REMAINDER)) {
            return endRound(state, detail);
        }
        BridgeProgress counted = progress();
        BridgeState end = counted.isDrained()
                ? BridgeState.DRAINED
                : current.tooYoung() > 0 || counted.rowsWaiting() > current.held()
                        ? BridgeState.WAITING
                        : BridgeState.REMAINDER;
        String words =
                switch (end) {
                    case DRAINED -> "nothing is left";
                    case WAITING ->
                        counted.rowsWaiting() + " rows wait, " + current.tooYoung() + " of them too young or not due";
                    default ->
                        counted.rowsLeft() + " rows could not be mapped, and " + current.held() + " wait behind them";
                };
        boolean isNews = end != BridgeState.WAITING && (end != state || !words.equals(detail));
        Duration pause = endRound(end, words);
        if (isNews) {
            BridgeProgress report = counted.in(end, words);
            log.info("bridge finished {}", report.summary());
            tell(() -> listener.finished(report));
        }
        return pause;
    }

    private Duration endRound(BridgeState now, String why) {
        round = null;
        change(now, why);
        return settings.interval();
    }

    private void change(BridgeState to, String why) {
        BridgeState from = state;
        boolean isNews = from != to || (to == BridgeState.REFUSED && !why.equals(detail));
        state = to;
        detail = why;
        if (!isNews) {
            return;
        }
        switch (to) {
            case REFUSED -> log.warn("bridge takes nothing bridge={} reason={}", name(), why);
            case DRAINED, REMAINDER, PAUSED, WATCHING ->
                log.info("bridge changed bridge={} from={} to={} detail={}", name(), from, to, why);
            default -> log.debug("bridge changed bridge={} from={} to={} detail={}", name(), from, to, why);
        }
        tell(() -> listener.changed(name(), from, to, why));
    }

    private void tell(Runnable event) {
        try {
            event.run();
        } catch (RuntimeException e) {
            log.warn("a bridge listener failed bridge={}", name(), e);
        }
    }

    /**
     * Stops taking, in all processes, until {@link #resume}. A batch under way is finished. Survives restarts.
     *
     * @throws BridgeRefusedException if Tally's tables for bridges are missing
     */
    public void pause() {
        decided.setPaused(true);
        log.info("bridge paused bridge={}", name());
    }

    /** Takes on, in all processes, after {@link #pause}. */
    public void resume() {
        decided.setPaused(false);
        log.info("bridge resumed bridge={}", name());
    }

    /** Tries the rows that were left again in the next round of this process, without waiting for their time. */
    public void retryLeft() {
        retryLeftNow = true;
    }

    /**
     * Asks the mapping what would become of the rows that are next, in any mode: to see before {@link BridgeMode#DRAIN}
     * that nothing would be left. Takes and notes nothing, and does not care about the quiet period.
     *
     * @param rows how many rows to look at, at most
     * @throws BridgeRefusedException if the tables are missing, or not of a known version
     */
    public BridgePreview preview(int rows) {
        decided.prepare();
        PeerTable table = PeerTable.open(jdbc, dialect, peer);
        List<String> ids = table.plan(null, true, rows);
        BridgePreview.Counter counter = new BridgePreview.Counter();
        for (int from = 0; from < ids.size(); from += settings.batchRows()) {
            List<String> batch = ids.subList(from, Math.min(from + settings.batchRows(), ids.size()));
            table.read(batch).forEach(row -> counter.count(mapRow.map(row)));
        }
        return counter.result(name(), MOST_REASONS);
    }

    /**
     * Counts. Reads the other table: for people and slow meters.
     *
     * @throws BridgeRefusedException if the tables are missing, or not of a known version
     */
    public BridgeProgress progress() {
        decided.prepare();
        PeerTable table = PeerTable.open(jdbc, dialect, peer);
        PeerTable.Waiting waiting = table.waiting();
        Instant oldest = waiting.oldest();
        // Clocks of several machines wrote these times.
        Duration age = oldest == null ? null : Duration.ofMillis(Math.max(0, millisSince(oldest)));
        Map<String, Long> left = table.left(MOST_REASONS);
        return new BridgeProgress(
                name(),
                settings.mode(),
                state,
                detail,
                decided.isPaused(),
                waiting.byState(),
                age,
                table.ofOthers(),
                decided.taken(),
                decided.dropped(MOST_REASONS),
                left,
                heldInLastRound);
    }

    private long millisSince(Instant then) {
        return Duration.between(then, clock.instant()).toMillis();
    }
}
