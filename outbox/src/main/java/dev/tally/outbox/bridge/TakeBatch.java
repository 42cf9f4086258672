package dev.tally.outbox.bridge;

import dev.tally.message.Message;
import dev.tally.outbox.bridge.BridgeMapping.Deliver;
import dev.tally.outbox.bridge.BridgeMapping.Drop;
import dev.tally.outbox.bridge.BridgeMapping.Leave;
import dev.tally.outbox.bridge.DecidedRows.Decision;
import dev.tally.outbox.bridge.DecidedRows.Fate;
import dev.tally.outbox.bridge.DecidedRows.Turn;
import dev.tally.publish.PublishingPath;
import dev.tally.publish.Settlement;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.TransactionDefinition;
import org.springframework.transaction.support.TransactionSynchronization;
import org.springframework.transaction.support.TransactionSynchronizationManager;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * Takes a batch of rows in one transaction:
 *
 * <ol>
 *   <li>locks the bridge's row, so that one process at a time takes, in order;
 *   <li>reads the rows as they are now: those that an old instance has completed are not undelivered any more;
 *   <li>reads what is decided about them, and which of their keys have a row that was left;
 *   <li>maps, and notes the decisions in the bridge's table, whose primary key allows one for each row;
 *   <li>gives the messages to the outbox, in the same transaction.
 * </ol>
 *
 * A process that dies on the way takes everything back with it.
 */
final class TakeBatch {

    private final DecidedRows decided;
    private final MapRow mapRow;
    private final PublishingPath outbox;
    private final TransactionTemplate ownTransaction;

    TakeBatch(DecidedRows decided, MapRow mapRow, PublishingPath outbox, PlatformTransactionManager transactions) {
        this.decided = decided;
        this.mapRow = mapRow;
        this.outbox = outbox;
        this.ownTransaction = new TransactionTemplate(transactions);
        ownTransaction.setPropagationBehavior(TransactionDefinition.PROPAGATION_REQUIRES_NEW);
        ownTransaction.setIsolationLevel(TransactionDefinition.ISOLATION_READ_COMMITTED);
    }

    /** What became of a batch; {@code heldKeys} are keys whose further rows have to wait in this round. */
    record Result(Turn turn, int taken, int dropped, int left, int held, int tooYoung, Set<String> heldKeys) {

        static Result notMine(Turn turn) {
            return new Result(turn, 0, 0, 0, 0, 0, Set.of());
        }
    }

    /**
     * Takes rows.
     *
     * @param heldKeys keys whose rows are not to be taken
     * @param untouchedSince rows that were touched after that are not taken
     */
    Result take(PeerTable table, List<String> ids, Set<String> heldKeys, Instant untouchedSince) {
        return Objects.requireNonNull(ownTransaction.execute(status -> {
            Turn turn = decided.takeTurn();
            if (turn != Turn.MINE) {
                return Result.notMine(turn);
            }
            Batch batch = new Batch(table, ids, heldKeys, untouchedSince);
            batch.decideAll();
            decided.note(batch.decisions);
            if (!batch.messages.isEmpty()) {
                settleWithTransaction(outbox.prepare(List.copyOf(batch.messages)));
            }
            return batch.result();
        }));
    }

    /**
     * Leaves one row for a reason that its mapping did not give: the outbox or the database refused its message.
     *
     * @return whether this process had the turn, and the row was there
     */
    boolean leave(PeerTable table, String id, String reason) {
        return Boolean.TRUE.equals(ownTransaction.execute(status -> {
            if (decided.takeTurn() != Turn.MINE) {
                return false;
            }
            List<PeerRow> rows = table.read(List.of(id));
            Fate fate = decided.decided(List.of(id)).get(id);
            if (rows.isEmpty() || fate == Fate.TAKEN || fate == Fate.DROPPED) {
                return false;
            }
            String key = rows.get(0).row().key();
            decided.note(List.of(new Decision(id, Fate.LEFT, key, null, reason, fate == null)));
            return true;
        }));
    }

    /** Once the commit may have begun, only the database knows about anything but a success. */
    private static void settleWithTransaction(Settlement settlement) {
        TransactionSynchronizationManager.registerSynchronization(new TransactionSynchronization() {
            @Override
            public void afterCompletion(int status) {
                if (status == STATUS_COMMITTED) {
                    settlement.committed();
                } else {
                    settlement.unknown();
                }
            }
        });
    }

    /** One batch while it is being decided. */
    private final class Batch {

        private final List<PeerRow> rows;
        private final Map<String, Fate> fates;
        private final Map<String, Set<String>> leftOfKey = new HashMap<>();
        private final Set<String> heldBefore;
        private final Set<String> newlyHeld = new HashSet<>();
        private final Instant untouchedSince;
        private final List<Decision> decisions = new ArrayList<>();
        private final List<Message> messages = new ArrayList<>();
        private int dropped;
        private int left;
        private int held;
        private int tooYoung;

        Batch(PeerTable table, List<String> ids, Set<String> heldKeys, Instant untouchedSince) {
            this.rows = table.read(ids);
            this.fates = decided.decided(ids);
            this.heldBefore = heldKeys;
            this.untouchedSince = untouchedSince;
            findLeftRows(table, ids);
        }

        /** A key waits for a row that was left only as long as that is there. */
        private void findLeftRows(PeerTable table, List<String> ids) {
            Set<String> keys = new HashSet<>();
            rows.forEach(row -> addIfThere(keys, row.row().key()));
            decided.leftOf(keys).forEach((key, rowIds) -> {
                Set<String> elsewhere = new HashSet<>(rowIds);
                ids.forEach(elsewhere::remove);
                Set<String> gone = new HashSet<>(elsewhere);
                gone.removeAll(table.stillThere(List.copyOf(elsewhere)));
                decided.forget(gone);
                Set<String> blocking = new HashSet<>(rowIds);
                blocking.removeAll(gone);
                blocking.removeIf(rowId -> ids.contains(rowId)
                        && rows.stream().noneMatch(row -> row.row().id().equals(rowId)));
                leftOfKey.put(key, blocking);
            });
        }

        private static void addIfThere(Set<String> keys, @Nullable String key) {
            if (key != null) {
                keys.add(key);
            }
        }

        void decideAll() {
            for (PeerRow row : rows) {
                Fate fate = fates.get(row.row().id());
                if (fate == null || fate == Fate.LEFT) {
                    decide(row, fate == null);
                }
            }
        }

        private void decide(PeerRow peerRow, boolean isNew) {
            BridgedRow row = peerRow.row();
            String key = row.key();
            if (key != null && isHeld(key, row.id())) {
                held++;
                return;
            }
            if (peerRow.lastTouched().isAfter(untouchedSince)) {
                tooYoung++;
                addIfThere(newlyHeld, key);
                return;
            }
            BridgeMapping.Decision outcome = mapRow.map(peerRow);
            if (outcome instanceof Deliver deliver) {
                Message message = deliver.message();
                messages.add(message);
                note(row, Fate.TAKEN, message.id().value(), null, isNew);
            } else if (outcome instanceof Drop drop) {
                dropped++;
                note(row, Fate.DROPPED, null, drop.reason(), isNew);
            } else if (outcome instanceof Leave leave) {
                left += isNew ? 1 : 0;
                addIfThere(newlyHeld, key);
                note(row, Fate.LEFT, null, leave.reason(), isNew);
            }
        }

        private boolean isHeld(String key, String rowId) {
            if (heldBefore.contains(key) || newlyHeld.contains(key)) {
                return true;
            }
            Set<String> leftRows = leftOfKey.getOrDefault(key, Set.of());
            return !leftRows.isEmpty() && !leftRows.contains(rowId);
        }

        private void note(
                BridgedRow row, Fate fate, @Nullable String messageId, @Nullable String reason, boolean isNew) {
            decisions.add(new Decision(row.id(), fate, row.key(), messageId, reason, isNew));
            String key = row.key();
            if (key != null) {
                Set<String> leftRows = leftOfKey.computeIfAbsent(key, any -> new HashSet<>());
                if (fate == Fate.LEFT) {
                    leftRows.add(row.id());
                } else {
                    leftRows.remove(row.id());
                }
            }
        }

        Result result() {
            return new Result(Turn.MINE, messages.size(), dropped, left, held, tooYoung, Set.copyOf(newlyHeld));
        }
    }
}
