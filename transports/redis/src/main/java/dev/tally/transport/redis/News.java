package dev.tally.transport.redis;

import io.lettuce.core.StreamMessage;
import io.lettuce.core.XReadArgs;
import io.lettuce.core.XReadArgs.StreamOffset;
import java.time.Duration;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Learns when streams get entries, by plain reads that wait at the server and change nothing there: who gets the entries
 * is asked afterwards. One connection waits for all streams of a single server; in a cluster each has its own, since a
 * command uses one node. That nothing is missed does not depend on this: streams are looked at every second anyway.
 */
final class News implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(News.class);
    private static final Duration WAIT = Duration.ofSeconds(1);

    private final Supplier<Line> lines;
    private final boolean cluster;
    private final Duration answerLimit;
    private final Runnable wake;
    private final Map<Integer, Line> byChannel = new TreeMap<>();
    private final Set<Integer> waiting = ConcurrentHashMap.newKeySet();
    private final ConcurrentLinkedQueue<String> arrived = new ConcurrentLinkedQueue<>();

    /**
     * Creates it; it waits for nothing yet.
     *
     * @param lines makes connections that nothing else uses
     * @param answerLimit how much longer than it should wait an answer may take
     * @param wake told when there is something
     */
    News(Supplier<Line> lines, boolean cluster, Duration answerLimit, Runnable wake) {
        this.lines = lines;
        this.cluster = cluster;
        this.answerLimit = answerLimit;
        this.wake = wake;
    }

    /** Tells the partitions that got entries so. */
    void tell(Collection<? extends PartitionSource> sources) {
        Set<String> streams = new HashSet<>();
        for (String stream = arrived.poll(); stream != null; stream = arrived.poll()) {
            streams.add(stream);
        }
        if (!streams.isEmpty()) {
            sources.stream()
                    .filter(source -> streams.contains(RedisKeys.text(source.stream())))
                    .forEach(PartitionSource::mayHaveMore);
        }
    }

    /** Waits for entries of partitions that are drained, as far as nothing is being waited for. */
    void watch(Collection<? extends PartitionSource> sources) {
        List<? extends PartitionSource> drained =
                sources.stream().filter(PartitionSource::isDrained).toList();
        if (cluster) {
            drained.forEach(source -> watch(source.number(), List.of(source)));
        } else if (!drained.isEmpty()) {
            watch(0, drained);
        }
    }

    private void watch(int channel, List<? extends PartitionSource> sources) {
        if (!waiting.add(channel)) {
            return;
        }
        @SuppressWarnings({"unchecked", "rawtypes"})
        StreamOffset<byte[]>[] offsets = sources.stream()
                .map(source -> StreamOffset.from(source.stream(), source.cursor()))
                .toArray(StreamOffset[]::new);
        Line line = byChannel.computeIfAbsent(channel, key -> lines.get());
        var unused = line.session().whenComplete((session, thrown) -> {
            if (thrown == null) {
                read(channel, line, session, offsets);
            } else {
                ended(channel, List.of(), thrown);
            }
        });
    }

    private void read(int channel, Line line, Session session, StreamOffset<byte[]>[] offsets) {
        var unused = session.commands()
                .xread(XReadArgs.Builder.block(WAIT).count(1), offsets)
                .toCompletableFuture()
                .orTimeout(WAIT.plus(answerLimit).toMillis(), TimeUnit.MILLISECONDS)
                .whenComplete((messages, thrown) -> {
                    if (thrown != null) {
                        line.suspect(session, thrown);
                    }
                    ended(channel, messages == null ? List.of() : messages, thrown);
                });
    }

    private void ended(int channel, List<StreamMessage<byte[], byte[]>> messages, @Nullable Throwable thrown) {
        messages.forEach(message -> arrived.add(RedisKeys.text(message.getStream())));
        waiting.remove(channel);
        if (thrown == null) {
            wake.run();
        } else {
            LOG.debug("Waiting for entries failed, streams are looked at every second meanwhile", thrown);
        }
    }

    @Override
    public void close() {
        byChannel.values().forEach(Line::close);
    }
}
