package dev.tally.benchmarks.shop;

import dev.tally.saga.participant.BarrierRow;
import dev.tally.saga.participant.BarrierStore;
import dev.tally.saga.participant.StepKey;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.Map;

/** What the barrier costs is the difference to this: every command is the first of its step. */
final class ForgetfulBarrier implements BarrierStore {

    @Override
    public Map<StepKey, BarrierRow> lock(Map<StepKey, Instant> startedAt) {
        Map<StepKey, BarrierRow> rows = new LinkedHashMap<>();
        startedAt.keySet().forEach(key -> rows.put(key, BarrierRow.fresh(key)));
        return rows;
    }

    @Override
    public void save(Collection<BarrierRow> rows) {
        // Forgotten.
    }

    @Override
    public int purge(Duration retention, int limit) {
        return 0;
    }
}
