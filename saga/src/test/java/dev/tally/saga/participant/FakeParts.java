package dev.tally.saga.participant;

import dev.tally.message.JacksonPayloadCodec;
import dev.tally.message.MessageId;
import dev.tally.publish.OutgoingMessage;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.springframework.transaction.TransactionDefinition;
import org.springframework.transaction.support.AbstractPlatformTransactionManager;
import org.springframework.transaction.support.DefaultTransactionStatus;
import tools.jackson.databind.json.JsonMapper;

/** A database in memory that can be away or in conflict. Not thread-safe. */
final class FakeParts extends AbstractPlatformTransactionManager implements BarrierStore {

    private static final long serialVersionUID = 1;

    final transient List<OutgoingMessage> published = new ArrayList<>();
    final transient List<RuntimeException> failuresOfBegin = new ArrayList<>();
    final transient List<RuntimeException> failuresOfLock = new ArrayList<>();
    private final transient Map<StepKey, BarrierRow> rows = new HashMap<>();

    ParticipantParts parts() {
        return ParticipantParts.of(
                this,
                this,
                message -> {
                    published.add(message);
                    return new MessageId("m" + published.size());
                },
                new JacksonPayloadCodec(new JsonMapper()),
                () -> Instant.EPOCH);
    }

    @Override
    protected Object doGetTransaction() {
        return "transaction";
    }

    @Override
    protected void doBegin(Object transaction, TransactionDefinition definition) {
        if (!failuresOfBegin.isEmpty()) {
            throw failuresOfBegin.remove(0);
        }
    }

    @Override
    protected void doCommit(DefaultTransactionStatus status) {}

    @Override
    protected void doRollback(DefaultTransactionStatus status) {}

    @Override
    public Map<StepKey, BarrierRow> lock(Map<StepKey, Instant> startedAt) {
        if (!failuresOfLock.isEmpty()) {
            throw failuresOfLock.remove(0);
        }
        Map<StepKey, BarrierRow> locked = new HashMap<>();
        startedAt.keySet().forEach(key -> locked.put(key, rows.getOrDefault(key, BarrierRow.fresh(key))));
        return locked;
    }

    @Override
    public void save(Collection<BarrierRow> changed) {
        changed.forEach(row -> rows.put(row.key(), row));
    }

    @Override
    public int purge(Duration retention, int limit) {
        return 0;
    }
}
