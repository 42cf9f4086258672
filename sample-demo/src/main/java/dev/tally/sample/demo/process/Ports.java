package dev.tally.sample.demo.process;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.util.LinkedHashSet;
import java.util.Set;
import java.util.random.RandomGenerator;

/**
 * Loopback ports nobody listens on. They lie below the range from which systems take the ports of outgoing connections:
 * a killed process must find its port free when it comes again.
 *
 * @since 0.1
 */
public final class Ports {

    private static final int LOWEST = 15_000;
    private static final int HIGHEST = 30_000;
    private static final int TRIES = 1_000;

    private final RandomGenerator random;
    private final Set<Integer> given = new LinkedHashSet<>();

    /** A chooser; not thread-safe. */
    public Ports(RandomGenerator random) {
        this.random = random;
    }

    /** A free port that was not given before. */
    public int next() throws ProcessFailedException {
        for (int i = 0; i < TRIES; i++) {
            int port = random.nextInt(LOWEST, HIGHEST);
            if (!given.contains(port) && isFree(port)) {
                given.add(port);
                return port;
            }
        }
        throw new ProcessFailedException("No free port on 127.0.0.1 between " + LOWEST + " and " + HIGHEST + " in "
                + TRIES + " tries; is something holding them all?");
    }

    static boolean isFree(int port) {
        try (ServerSocket socket = new ServerSocket()) {
            socket.setReuseAddress(true);
            socket.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
            return true;
        } catch (IOException taken) {
            return false;
        }
    }
}
