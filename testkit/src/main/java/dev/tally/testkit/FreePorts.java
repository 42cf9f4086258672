package dev.tally.testkit;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.util.HashSet;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;
import java.util.stream.IntStream;

/**
 * Ports of the loopback interface on which nobody listens, each given once in this process. They lie below the range from
 * which systems take the ports of outgoing connections: a server that was killed has to find its port free when it is
 * started again. Thread-safe.
 *
 * @since 0.1
 */
public final class FreePorts {

    private static final int LOWEST = 15_000;
    private static final int HIGHEST = 30_000;
    private static final int TRIES = 1_000;

    /** Another one in each process, so that two at a time seldom find the same port. */
    private static final RandomGenerator RANDOM =
            new SplittableRandom(ProcessHandle.current().pid());

    private static final Set<Integer> GIVEN = new HashSet<>();

    private FreePorts() {}

    /**
     * A free port.
     *
     * @throws IllegalStateException if none is found
     */
    public static int next() {
        return nextWith();
    }

    /**
     * A free port with others that are free, too.
     *
     * @param offsets where the others are, from the one that is returned
     * @throws IllegalStateException if there are none
     */
    public static synchronized int nextWith(int... offsets) {
        for (int i = 0; i < TRIES; i++) {
            int port = RANDOM.nextInt(LOWEST, HIGHEST);
            int[] all = IntStream.concat(IntStream.of(0), IntStream.of(offsets))
                    .map(offset -> port + offset)
                    .toArray();
            if (IntStream.of(all).allMatch(FreePorts::isFree)) {
                IntStream.of(all).forEach(GIVEN::add);
                return port;
            }
        }
        throw new IllegalStateException("Cannot find a free port on the loopback interface between " + LOWEST + " and "
                + HIGHEST + " in " + TRIES + " tries");
    }

    private static boolean isFree(int port) {
        if (GIVEN.contains(port)) {
            return false;
        }
        try (ServerSocket socket = new ServerSocket()) {
            socket.setReuseAddress(true);
            socket.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
            return true;
        } catch (IOException taken) {
            return false;
        }
    }
}
