package dev.tally.outbox.relay;

import dev.tally.outbox.BlockedKey;
import dev.tally.outbox.OutboxEntry;
import dev.tally.outbox.OutboxStoreException;
import dev.tally.outbox.RowPlace;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes rows of blocked keys out of the lanes, where the others would have to be read past them, and puts them back when
 * their keys are free. Not in memory meanwhile.
 */
final class HoldBack {

    private static final Logger log = LoggerFactory.getLogger(HoldBack.class);

    private final RelayParts parts;
    private final String node;
    private final Lanes lanes;

    HoldBack(RelayParts parts, String node, Lanes lanes) {
        this.parts = parts;
        this.node = node;
        this.lanes = lanes;
    }

    /**
     * Sorts rows that were read.
     *
     * @return those to be sent, all in their lanes; {@code null} if rows could not be moved because this node no longer
     *     keeps their lane
     */
    @Nullable List<OutboxEntry> sort(LaneRead read, List<OutboxEntry> rows) {
        Map<BlockedKey, List<Long>> back = new HashMap<>();
        Map<BlockedKey, List<Long>> away = new HashMap<>();
        List<OutboxEntry> staying = new ArrayList<>(rows.size());
        for (OutboxEntry row : rows) {
            BlockedKey freed = read.freed().get(row.owner());
            BlockedKey before = freed == null ? lanes.blockedBefore(row) : null;
            if (before != null) {
                away.computeIfAbsent(before, mark -> new ArrayList<>()).add(row.id());
            } else {
                staying.add(freed == null ? row : row.under(freed.lane()));
            }
            if (freed != null) {
                back.computeIfAbsent(freed, mark -> new ArrayList<>()).add(row.id());
            }
        }
        boolean moved = true;
        for (Map.Entry<BlockedKey, List<Long>> each : back.entrySet()) {
            BlockedKey key = each.getKey();
            List<Long> ids = each.getValue();
            moved &= parts.waiting().letGo(node, epochOf(read, key), key, ids) == ids.size();
        }
        for (Map.Entry<BlockedKey, List<Long>> each : away.entrySet()) {
            BlockedKey key = each.getKey();
            List<Long> ids = each.getValue();
            moved &= parts.waiting().hold(node, epochOf(read, key), key, ids) == ids.size();
            log.debug("Outbox rows wait behind a message that was given up id={} rows={}", key.parkedId(), ids.size());
        }
        return moved ? staying : null;
    }

    private static long epochOf(LaneRead read, BlockedKey key) {
        KeptLane lane = read.lanes().get(key.lane());
        return lane == null ? -1 : lane.epoch();
    }

    /** Forgets keys that are free and whose rows are all in their lane. */
    void unblock(LaneRead read, List<RowPlace> listed) {
        for (BlockedKey freed : read.freed().values()) {
            if (listed.stream().noneMatch(place -> place.owner().equals(freed.owner()))) {
                try {
                    if (parts.waiting().unblock(freed)) {
                        lanes.unblocked(freed);
                        log.info("Outbox key goes on, the message that it waited for is gone id={}", freed.parkedId());
                    }
                } catch (OutboxStoreException e) {
                    log.warn("Outbox key not unblocked id={}; tried again at the next read", freed.parkedId(), e);
                }
            }
        }
    }
}
