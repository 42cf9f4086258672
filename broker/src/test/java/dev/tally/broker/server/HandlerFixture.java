package dev.tally.broker.server;

import dev.tally.broker.engine.LogMessageStore;
import dev.tally.broker.engine.StoreConfig;
import dev.tally.broker.env.InlineWorkers;
import dev.tally.broker.env.ManualClock;
import dev.tally.broker.env.SimulatedDisk;
import dev.tally.broker.env.Workers;
import dev.tally.broker.net.Connection;
import dev.tally.broker.protocol.Command;
import dev.tally.broker.protocol.Fields;
import dev.tally.broker.protocol.HeaderForm;
import dev.tally.broker.protocol.MessageEncoding;
import dev.tally.broker.protocol.OffsetMessageId;
import dev.tally.broker.protocol.RequestCode;
import dev.tally.broker.protocol.WireMessage;
import dev.tally.broker.request.ServerSettings;
import dev.tally.broker.store.ReadResult;
import dev.tally.broker.store.StoredMessage;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.reflect.Proxy;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.ScheduledThreadPoolExecutor;

/** The broker behind its sockets, on a simulated disk, a manual clock and the calling thread. */
final class HandlerFixture implements AutoCloseable {

    static final int SUCCESS = 0;

    final ManualClock clock = new ManualClock();
    final List<Duration> delayLevels;
    SimulatedDisk disk;
    InlineWorkers workers = new InlineWorkers();
    LogMessageStore store;
    BrokerCore core;
    private final ScheduledThreadPoolExecutor scheduler = new ScheduledThreadPoolExecutor(1);
    private Runnable tick = () -> {};
    private int opaque;

    HandlerFixture(SimulatedDisk disk, List<Duration> delayLevels) {
        this.disk = disk;
        this.delayLevels = delayLevels;
    }

    static HandlerFixture opened(Duration... delayLevels) {
        HandlerFixture fixture = new HandlerFixture(new SimulatedDisk(1), List.of(delayLevels));
        fixture.open();
        return fixture;
    }

    void open() {
        workers = new InlineWorkers();
        tick = () -> {};
        InlineWorkers inline = workers;
        // Not the interface itself: only the tickers are of interest, whatever else workers have to do.
        Workers ticking = (Workers) Proxy.newProxyInstance(
                getClass().getClassLoader(), new Class<?>[] {Workers.class}, (proxy, method, arguments) -> {
                    if (method.getName().equals("every")) {
                        Runnable before = tick;
                        tick = () -> {
                            before.run();
                            ((Runnable) arguments[1]).run();
                        };
                        return null;
                    }
                    return method.invoke(inline, arguments);
                });
        try {
            store = LogMessageStore.open(
                    StoreConfig.defaults(Path.of("/data")).withSegmentBytes(64 * 1024, 64 * 1024),
                    disk,
                    clock,
                    new Random(7),
                    ticking);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        InetSocketAddress host = new InetSocketAddress(InetAddress.getLoopbackAddress(), 9876);
        ServerSettings settings =
                new ServerSettings("tally", "cluster", "127.0.0.1:9876", host, true, 1, 64 * 1024, delayLevels);
        core = new BrokerCore(
                store, settings, Runnable::run, scheduler, () -> Instant.ofEpochMilli(clock.millis()), new Random(3));
    }

    /** Kills the process and starts it again; what was not forced is gone. */
    void crashAndReopen() {
        disk = disk.afterCrash(SimulatedDisk.Loss.EVERYTHING, 5);
        open();
    }

    void advance(Duration duration) {
        clock.advance(duration);
        tick.run();
    }

    /** A client that keeps what it gets. */
    static final class Client implements Connection {
        final List<Command> got = Collections.synchronizedList(new ArrayList<>());
        volatile boolean open = true;

        @Override
        public CompletableFuture<Void> send(Command command) {
            got.add(command);
            return CompletableFuture.completedFuture(null);
        }

        @Override
        public void answer(Command command) {
            got.add(command);
        }

        @Override
        public Executor executor() {
            return Runnable::run;
        }

        @Override
        public InetSocketAddress remoteAddress() {
            return new InetSocketAddress(InetAddress.getLoopbackAddress(), 40_000);
        }

        @Override
        public boolean open() {
            return open;
        }

        @Override
        public void close() {
            open = false;
        }
    }

    void disconnect(Client client) {
        client.close();
        core.listener().closed(client);
    }

    Command call(int code, Object... fields) {
        return call(new Client(), code, "", fields);
    }

    Command call(Client client, int code, String body, Object... fields) {
        opaque++;
        core.listener()
                .received(
                        client,
                        new Command(
                                HeaderForm.BINARY,
                                code,
                                0,
                                513,
                                opaque,
                                0,
                                null,
                                Fields.of(fields),
                                StandardCharsets.UTF_8.encode(body)));
        return client.got.stream()
                .filter(command -> command.response() && command.opaque() == opaque)
                .findFirst()
                .orElseThrow(() -> new AssertionError("No answer to request " + code));
    }

    Command send(String topic, String body, String properties) {
        return call(
                new Client(),
                RequestCode.SEND_MESSAGE_V2,
                body,
                "a",
                "producers",
                "b",
                topic,
                "d",
                1,
                "e",
                0,
                "f",
                0,
                "g",
                0,
                "h",
                0,
                "i",
                properties);
    }

    static long position(Command sent) {
        return OffsetMessageId.position(sent.fields().requiredText("msgId"));
    }

    Command sendBack(String group, long position) {
        return call(RequestCode.CONSUMER_SEND_MESSAGE_BACK, "group", group, "offset", position, "delayLevel", 0);
    }

    Command heartbeat(Client client, String id, String group, String topic) {
        return call(
                client,
                RequestCode.HEART_BEAT,
                "{\"clientID\":\"" + id + "\",\"consumerDataSet\":[{\"groupName\":\"" + group
                        + "\",\"subscriptionDataSet\":[{\"topic\":\"" + topic + "\",\"subString\":\"*\"}]}]}");
    }

    List<StoredMessage> stored(String topic) {
        ReadResult result =
                store.read(topic, 0, store.minOffset(topic, 0), Integer.MAX_VALUE, Integer.MAX_VALUE, tag -> true);
        return result.messages();
    }

    List<WireMessage> visible(String topic) {
        return stored(topic).stream()
                .map(message -> MessageEncoding.decode(message.payload()))
                .toList();
    }

    List<String> bodies(String topic) {
        return visible(topic).stream().map(message -> text(message.body())).toList();
    }

    static String text(ByteBuffer body) {
        return StandardCharsets.UTF_8.decode(body.duplicate()).toString();
    }

    @Override
    public void close() {
        scheduler.shutdownNow();
    }
}
