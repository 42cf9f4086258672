package dev.tally.transport.rocketmq.real;

import java.io.IOException;
import java.net.ServerSocket;

/** Ports that nobody has at the moment. */
public final class Ports {

    private static final int ATTEMPTS = 20;

    private Ports() {}

    /** A port that is free. */
    public static int free() throws IOException {
        try (ServerSocket socket = new ServerSocket(0)) {
            return socket.getLocalPort();
        }
    }

    /** The broker also takes the port two below (its fast lane) and here the one above (replication). */
    public static int freeTriple() throws IOException {
        for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
            int port = free();
            if (port > 1026 && port < 65_000 && isFree(port - 2) && isFree(port + 1)) {
                return port;
            }
        }
        throw new IOException("No three free ports beside each other after " + ATTEMPTS + " attempts");
    }

    private static boolean isFree(int port) {
        try (ServerSocket socket = new ServerSocket(port)) {
            return socket.getLocalPort() == port;
        } catch (IOException e) {
            return false;
        }
    }
}
