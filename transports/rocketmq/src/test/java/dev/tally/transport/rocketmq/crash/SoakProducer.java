package dev.tally.transport.rocketmq.crash;

import static org.awaitility.Awaitility.await;

import dev.tally.message.Destination;
import dev.tally.message.Headers;
import dev.tally.message.JacksonPayloadCodec;
import dev.tally.message.Message;
import dev.tally.message.MessageId;
import dev.tally.message.MessageTypes;
import dev.tally.transport.SendOutcome;
import dev.tally.transport.rocketmq.RocketMqSettings;
import dev.tally.transport.rocketmq.RocketMqTransport;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.function.LongSupplier;
import java.util.stream.LongStream;

/**
 * Sends the steps of many keys as fast as the broker confirms them, one of each key at a time, and again until it is
 * confirmed. It waits where members are far behind, so that a run ends soon after its last message.
 */
final class SoakProducer implements AutoCloseable {

    static final int KEYS = 64;

    private static final long OPEN_AT_MOST = 5_000;
    private static final String FILLER = "what was done, ".repeat(16);
    private static final Executor LATER = CompletableFuture.delayedExecutor(100, TimeUnit.MILLISECONDS);

    private final RocketMqTransport transport;
    private final LongSupplier effects;
    private final Duration patience;
    private final JacksonPayloadCodec codec = new JacksonPayloadCodec(tools.jackson.databind.json.JsonMapper.shared());
    private final AtomicLongArray confirmed = new AtomicLongArray(KEYS);
    private final AtomicLongArray unconfirmed = new AtomicLongArray(KEYS);
    private final BlockingQueue<Integer> idle = new LinkedBlockingQueue<>();
    private final Thread thread = new Thread(this::sendForEver, "soak-producer");
    private volatile boolean finishing;
    private volatile boolean finished;

    /** @param effects how many there are by now */
    SoakProducer(String nameServer, LongSupplier effects, Duration patience) {
        this.effects = effects;
        this.patience = patience;
        this.transport = new RocketMqTransport(RocketMqSettings.builder(nameServer, "soak-producers", "soak-producer")
                .sendTimeout(Duration.ofSeconds(3))
                .build());
        for (int key = 0; key < KEYS; key++) {
            idle.add(key);
        }
        thread.setDaemon(true);
    }

    void start() {
        thread.start();
    }

    private void sendForEver() {
        int resting = 0;
        try {
            while (resting < KEYS) {
                Integer first = idle.poll(20, TimeUnit.MILLISECONDS);
                if (first == null) {
                    continue;
                }
                List<Integer> keys = new ArrayList<>(List.of(first));
                idle.drainTo(keys);
                if (!finishing && confirmedInAll() - effects.getAsLong() > OPEN_AT_MOST) {
                    idle.addAll(keys);
                    TimeUnit.MILLISECONDS.sleep(20);
                    continue;
                }
                if (finishing) {
                    int all = keys.size();
                    keys.removeIf(key -> unconfirmed.get(key) == 0);
                    resting += all - keys.size();
                }
                send(keys);
            }
            finished = true;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void send(List<Integer> keys) {
        keys.forEach(key -> unconfirmed.set(key, 1));
        List<CompletableFuture<SendOutcome>> outcomes =
                transport.send(keys.stream().map(this::nextOf).toList());
        for (int i = 0; i < keys.size(); i++) {
            int key = keys.get(i);
            var unused = outcomes.get(i).thenAccept(outcome -> {
                if (outcome instanceof SendOutcome.Sent) {
                    confirmed.incrementAndGet(key);
                    unconfirmed.set(key, 0);
                    idle.add(key);
                } else {
                    LATER.execute(() -> idle.add(key));
                }
            });
        }
    }

    private Message nextOf(int key) {
        long number = confirmed.get(key) + 1;
        return new Message(
                new MessageId("soak-" + key + '-' + number),
                Destination.topic(SoakMember.TOPIC),
                "key-" + key,
                MessageTypes.nameOf(SoakMember.Step.class),
                Headers.empty(),
                codec.encode(new SoakMember.Step(key, number, FILLER)));
    }

    private long confirmedInAll() {
        return LongStream.range(0, KEYS).map(key -> confirmed.get((int) key)).sum();
    }

    /** The last confirmed number of each key. */
    List<Long> confirmed() {
        return LongStream.range(0, KEYS)
                .mapToObj(key -> confirmed.get((int) key))
                .toList();
    }

    /** Sends nothing new, and returns when all that was sent is confirmed. */
    List<Long> finish(String described) {
        finishing = true;
        await(described + ": all that was sent is confirmed").atMost(patience).until(() -> finished);
        return confirmed();
    }

    @Override
    public void close() {
        thread.interrupt();
        transport.close();
    }
}
