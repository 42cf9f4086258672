package dev.tally.transport.redis.server;

import dev.tally.testkit.FreePorts;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import redis.embedded.core.ExecutableProvider;

/**
 * A Redis server on 127.0.0.1 in a process of its own, which writes each command to its disk before it answers. It can be
 * killed and started again on its port and its data. Ends with this JVM. Thread-safe.
 */
public final class RedisServer implements AutoCloseable {

    /** The version of the binary, on Linux. */
    public static final String VERSION = "6.2.11";

    /** Another binary than the one that comes with Maven. */
    private static final String EXECUTABLE = "tally.redis.executable";

    private static final int LOOKS = 3_000;
    private static final int LOOK_MILLIS = 20;

    private final Path folder;
    private final int port;
    private final List<String> arguments = new ArrayList<>();
    private final Thread cleanUp = new Thread(this::destroy, "kill-redis");
    private Process process;

    private RedisServer(Path folder, List<String> first, List<String> options) {
        this.folder = folder;
        // A cluster's nodes use the port ten thousand above, too.
        this.port = FreePorts.nextWith(10_000);
        arguments.addAll(first);
        arguments.addAll(List.of("--bind", "127.0.0.1", "--port", Integer.toString(port), "--dir", folder.toString()));
        arguments.addAll(options);
        Runtime.getRuntime().addShutdownHook(cleanUp);
        start();
    }

    /** A durable server on a free port, with its data in an existing folder. */
    public static RedisServer start(Path folder) {
        return start(folder, List.of("--appendonly", "yes", "--appendfsync", "always", "--save", ""));
    }

    /**
     * A server on a free port.
     *
     * @param options as on its command line, beside address and folder
     */
    public static RedisServer start(Path folder, List<String> options) {
        return new RedisServer(folder, List.of(), options);
    }

    /** The same with a configuration file, which sentinels need. */
    public static RedisServer start(Path folder, Path configuration, List<String> options) {
        return new RedisServer(folder, List.of(configuration.toString()), options);
    }

    /** The port on 127.0.0.1. */
    public int port() {
        return port;
    }

    /** {@code redis://127.0.0.1:port}. */
    public String uri() {
        return "redis://127.0.0.1:" + port;
    }

    /** Starts it again after {@link #kill}; returns when it answers. */
    public synchronized void start() {
        List<String> command = new ArrayList<>();
        command.add(executable());
        command.addAll(arguments);
        try {
            process = new ProcessBuilder(command)
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.appendTo(
                            folder.resolve("redis.log").toFile()))
                    .start();
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot start " + arguments, e);
        }
        awaitAnswer();
    }

    /** Kills it like {@code kill -9}, and waits until it is gone. */
    public synchronized void kill() {
        destroy();
        try {
            if (!process.waitFor(60, TimeUnit.SECONDS)) {
                throw new IllegalStateException("Redis " + process.pid() + " is still there after a minute");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Halts it as it is ({@code SIGSTOP}), or lets it go on ({@code SIGCONT}). */
    public synchronized void signal(String signal) {
        try {
            new ProcessBuilder("kill", "-" + signal, Long.toString(process.pid()))
                    .start()
                    .waitFor();
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot send " + signal, e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void destroy() {
        if (process != null) {
            process.destroyForcibly();
        }
    }

    private void awaitAnswer() {
        CountDownLatch never = new CountDownLatch(1);
        for (int look = 0; look < LOOKS && process.isAlive(); look++) {
            if (answers()) {
                return;
            }
            try {
                boolean unused = never.await(LOOK_MILLIS, TimeUnit.MILLISECONDS);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                break;
            }
        }
        throw new IllegalStateException("Redis does not answer at port " + port + ", see " + folder + "/redis.log");
    }

    private boolean answers() {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
            socket.setSoTimeout(1_000);
            socket.getOutputStream().write("PING\r\n".getBytes(StandardCharsets.US_ASCII));
            String answer = new BufferedReader(
                            new InputStreamReader(socket.getInputStream(), StandardCharsets.US_ASCII))
                    .readLine();
            return answer != null && (answer.equals("+PONG") || answer.startsWith("-NO"));
        } catch (IOException e) {
            return false; // not yet
        }
    }

    private static String executable() {
        String given = System.getProperty(EXECUTABLE);
        return given == null ? Unpacked.PATH : given;
    }

    /** Unpacked once for this JVM. */
    private static final class Unpacked {

        static final String PATH = unpack();

        private static String unpack() {
            try {
                Path folder = Files.createTempDirectory("tally-redis");
                Path binary = ExecutableProvider.newJarResourceProvider(folder.toFile())
                        .get()
                        .toPath();
                binary.toFile().deleteOnExit();
                folder.toFile().deleteOnExit();
                return binary.toAbsolutePath().toString();
            } catch (IOException e) {
                throw new UncheckedIOException("Cannot unpack Redis", e);
            }
        }
    }

    @Override
    public void close() {
        kill();
        Runtime.getRuntime().removeShutdownHook(cleanUp);
    }
}
