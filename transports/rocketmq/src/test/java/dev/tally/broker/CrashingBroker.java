package dev.tally.broker;

import dev.tally.broker.engine.LogMessageStore;
import dev.tally.broker.engine.StoreConfig;
import dev.tally.broker.env.FileSystemDisk;
import dev.tally.broker.env.SystemClock;
import dev.tally.broker.half.CheckPolicy;
import dev.tally.broker.message.MessageKeys;
import dev.tally.broker.store.MessageStore;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.Collections;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * The broker as a process to be killed. It asks back a second after it should, a twentieth of the defaults. At a point
 * that is armed by a line of input, it tells so on its output and goes no further: what arrives there is not done, or is
 * done and not answered.
 */
public final class CrashingBroker {

    /** What a broker is killed at. */
    private static final String PREPARE_RECEIVED = "BROKER_PREPARE_RECEIVED";

    private static final String PREPARE_UNANSWERED = "BROKER_PREPARE_UNANSWERED";
    private static final String DECISION_RECEIVED = "BROKER_DECISION_RECEIVED";
    private static final String DECISION_UNANSWERED = "BROKER_DECISION_UNANSWERED";
    private static final String CHECK_BACK_SENT = "BROKER_CHECK_BACK_SENT";

    private static final CheckPolicy CHECKS = new CheckPolicy(
            Duration.ofMillis(300), Duration.ofMillis(500), Duration.ofSeconds(1), Duration.ofMillis(300), 10_000);
    private static final Duration RETRY_DELAY = Duration.ofMillis(300);

    private final MessageStore store;
    private final AtomicBoolean deaf = new AtomicBoolean();
    private String armed = "";

    private CrashingBroker(MessageStore store) {
        this.store = store;
    }

    /** Runs with a directory and a port, 0 for any. */
    public static void main(String[] arguments) throws IOException {
        BrokerConfig config = BrokerConfig.builder(Path.of(arguments[0]))
                .port(Integer.parseInt(arguments[1]))
                .delayLevels(Collections.nCopies(18, RETRY_DELAY))
                .build();
        CrashingBroker crashing = new CrashingBroker(LogMessageStore.open(
                StoreConfig.defaults(config.dataDirectory()).withChecks(CHECKS),
                MessageKeys::hashes,
                new FileSystemDisk(),
                new SystemClock(),
                new SecureRandom()));
        Broker broker = Broker.start(config, crashing.stopping());
        print("ready on " + broker.address());
        try (BufferedReader commands = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8))) {
            String line = commands.readLine();
            while (line != null && !line.equals("exit")) {
                crashing.arm(line.substring("arm ".length()));
                print("ARMED");
                line = commands.readLine();
            }
        }
        // Where the input ends, the test JVM has.
        System.exit(0);
    }

    private static synchronized void print(String line) {
        System.out.println(line);
        System.out.flush();
    }

    private MessageStore stopping() {
        return (MessageStore) Proxy.newProxyInstance(
                CrashingBroker.class.getClassLoader(),
                new Class<?>[] {MessageStore.class},
                (proxy, method, arguments) -> call(method, arguments));
    }

    private Object call(Method method, Object[] arguments) throws Throwable {
        return switch (method.getName()) {
            case "prepare" -> stopAround(method, arguments, PREPARE_RECEIVED, PREPARE_UNANSWERED);
            case "decide" ->
                deaf.get()
                        ? new CompletableFuture<>()
                        : stopAround(method, arguments, DECISION_RECEIVED, DECISION_UNANSWERED);
            case "checkDelivered" -> {
                if (stopsAt(CHECK_BACK_SENT)) {
                    deaf.set(true);
                    print("AT broker " + CHECK_BACK_SENT);
                }
                yield invoke(method, arguments);
            }
            default -> invoke(method, arguments);
        };
    }

    /** No thread waits here: the store's own must not, and what is not answered stays so until the process is killed. */
    private Object stopAround(Method method, Object[] arguments, String before, String after) throws Throwable {
        if (stopsAt(before)) {
            print("AT broker " + before);
            return new CompletableFuture<>();
        }
        if (stopsAt(after)) {
            CompletableFuture<?> stored = (CompletableFuture<?>) invoke(method, arguments);
            CompletableFuture<?> unused = stored.whenComplete((answer, failure) -> print("AT broker " + after));
            return new CompletableFuture<>();
        }
        return invoke(method, arguments);
    }

    private synchronized boolean stopsAt(String point) {
        if (!point.equals(armed)) {
            return false;
        }
        armed = "";
        return true;
    }

    private synchronized void arm(String point) {
        armed = point;
    }

    private Object invoke(Method method, Object[] arguments) throws Throwable {
        try {
            return method.invoke(store, arguments);
        } catch (InvocationTargetException e) {
            throw e.getCause();
        }
    }
}
