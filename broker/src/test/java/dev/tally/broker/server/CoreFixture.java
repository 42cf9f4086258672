package dev.tally.broker.server;

import dev.tally.broker.engine.LogMessageStore;
import dev.tally.broker.engine.StoreConfig;
import dev.tally.broker.env.InlineWorkers;
import dev.tally.broker.env.ManualClock;
import dev.tally.broker.env.SimulatedDisk;
import dev.tally.broker.env.SimulatedDisk.Loss;
import dev.tally.broker.half.CheckPolicy;
import dev.tally.broker.protocol.Command;
import dev.tally.broker.protocol.Fields;
import dev.tally.broker.protocol.HeaderForm;
import dev.tally.broker.protocol.MessageProperties;
import dev.tally.broker.protocol.RequestCode;
import dev.tally.broker.protocol.SysFlag;
import dev.tally.broker.request.RepeatPolicy;
import dev.tally.broker.request.ServerSettings;
import dev.tally.broker.store.StoredMessage;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;

/** A broker without sockets on a simulated disk and a manual clock; check rounds run when the test says so. */
final class CoreFixture implements AutoCloseable {

    static final String TOPIC = "deals";
    static final String GROUP = "deciders";

    final ManualClock clock = new ManualClock();
    final ScheduledExecutorService scheduler = Executors.newSingleThreadScheduledExecutor();
    SimulatedDisk disk = new SimulatedDisk(1);
    InlineWorkers workers = new InlineWorkers();
    StoreConfig config = StoreConfig.defaults(Path.of("/data"))
            .withSegmentBytes(256 * 1024, 256 * 1024)
            .withChecks(new CheckPolicy(
                    Duration.ofSeconds(6), Duration.ofSeconds(10), Duration.ofSeconds(40), Duration.ofSeconds(2), 3));
    RepeatPolicy repeats = RepeatPolicy.DEFAULT;
    LogMessageStore store;
    BrokerCore core;
    private int opaque;

    CoreFixture open() {
        workers = new InlineWorkers();
        try {
            store = LogMessageStore.open(config, disk, clock, new Random(7), workers);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        ServerSettings settings = new ServerSettings(
                "tally",
                "DefaultCluster",
                "127.0.0.1:9876",
                new InetSocketAddress("127.0.0.1", 9876),
                true,
                4,
                1 << 20,
                List.of(Duration.ofSeconds(1)),
                repeats);
        core = new BrokerCore(
                store, settings, Runnable::run, scheduler, () -> Instant.ofEpochMilli(clock.millis()), new Random(8));
        return this;
    }

    void crashAndReopen(Loss loss) {
        disk = disk.afterCrash(loss, 3);
        open();
    }

    void advanceMillis(long millis) {
        clock.advance(Duration.ofMillis(millis));
    }

    /** The store's own tick: timers fire, used-up half messages are parked. */
    void tick() {
        workers.tick();
    }

    void receive(FakeConnection from, Command command) {
        core.listener().received(from, command);
    }

    void gone(FakeConnection connection) {
        connection.close();
        core.listener().closed(connection);
    }

    void heartbeat(FakeConnection from, String group) {
        String body = "{\"clientID\":\"c" + from.remoteAddress().getPort() + "\",\"producerDataSet\":[{\"groupName\":\""
                + group + "\"}],\"consumerDataSet\":[]}";
        receive(from, request(RequestCode.HEART_BEAT, Fields.none(), body));
    }

    Command request(int code, Fields fields, String body) {
        return new Command(
                HeaderForm.JSON,
                code,
                Command.JAVA,
                Command.BROKER_VERSION,
                ++opaque,
                0,
                null,
                fields,
                ByteBuffer.wrap(body.getBytes(StandardCharsets.UTF_8)));
    }

    /** A send as the official client writes it; the time of birth is that of the attempt. */
    Command send(String topic, int queueId, String key, String body, Map<String, String> more) {
        Map<String, String> properties = new LinkedHashMap<>(more);
        if (!key.isEmpty()) {
            properties.put("UNIQ_KEY", key);
        }
        boolean half = properties.containsKey("TRAN_MSG");
        return request(
                RequestCode.SEND_MESSAGE,
                Fields.of(
                        "producerGroup",
                        GROUP,
                        "topic",
                        topic,
                        "defaultTopic",
                        "TBW102",
                        "defaultTopicQueueNums",
                        4,
                        "queueId",
                        queueId,
                        "sysFlag",
                        half ? SysFlag.PREPARED : 0,
                        "bornTimestamp",
                        clock.millis(),
                        "flag",
                        0,
                        "properties",
                        MessageProperties.of(properties).text(),
                        "reconsumeTimes",
                        0),
                body);
    }

    /** Sends a plain message; the answer is {@code null} while there is none. */
    Fields send(FakeConnection from, int queueId, String key, String body) {
        return exchange(from, send(TOPIC, queueId, key, body, Map.of()));
    }

    Fields exchange(FakeConnection from, Command command) {
        receive(from, command);
        return answerTo(from, command);
    }

    static Fields answerTo(FakeConnection connection, Command request) {
        return connection.written().stream()
                .filter(command -> command.response() && command.opaque() == request.opaque())
                .findFirst()
                .map(Command::fields)
                .orElse(null);
    }

    static int codeOf(FakeConnection connection, Command request) {
        return connection.written().stream()
                .filter(command -> command.response() && command.opaque() == request.opaque())
                .findFirst()
                .orElseThrow()
                .code();
    }

    Command prepare(FakeConnection from, String key, String body) {
        Command prepare = send(TOPIC, 0, key, body, Map.of("TRAN_MSG", "true", "PGROUP", GROUP));
        receive(from, prepare);
        return prepare;
    }

    Command decision(long position, int decision, boolean fromCheck) {
        return request(
                RequestCode.END_TRANSACTION,
                Fields.of(
                        "producerGroup",
                        GROUP,
                        "commitLogOffset",
                        position,
                        "commitOrRollback",
                        decision,
                        "fromTransactionCheck",
                        fromCheck,
                        "msgId",
                        "k"),
                "");
    }

    long visible() {
        long messages = 0;
        for (int queue = 0; queue < 4; queue++) {
            messages += store.maxOffset(TOPIC, queue);
        }
        return messages;
    }

    List<StoredMessage> read(int queueId) {
        return store.read(TOPIC, queueId, 0, 1000, 1 << 20, tag -> true).messages();
    }

    @Override
    public void close() {
        scheduler.shutdownNow();
    }
}
