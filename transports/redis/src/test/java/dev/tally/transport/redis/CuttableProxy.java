package dev.tally.transport.redis;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** The way to a server on 127.0.0.1: connections can be cut, or stay open and carry nothing any more. */
final class CuttableProxy implements AutoCloseable {

    private final ServerSocket listening;
    private final int target;
    private final List<Socket> sockets = new CopyOnWriteArrayList<>();
    private final Object gate = new Object();
    private boolean frozen;

    CuttableProxy(int target) throws IOException {
        this.target = target;
        this.listening = new ServerSocket(0, 100, InetAddress.getLoopbackAddress());
        start("proxy-accept", this::accept);
    }

    String uri() {
        return "redis://127.0.0.1:" + listening.getLocalPort();
    }

    /** Ends all connections, with whatever is on its way; new ones are possible. */
    void cut() {
        sockets.forEach(CuttableProxy::close);
        sockets.clear();
    }

    /** From now on nothing arrives any more, also on new connections. */
    void freeze() {
        synchronized (gate) {
            frozen = true;
        }
    }

    /** What was held back arrives. */
    void thaw() {
        synchronized (gate) {
            frozen = false;
            gate.notifyAll();
        }
    }

    private void accept() {
        try {
            while (true) {
                Socket client = listening.accept();
                Socket server = new Socket(InetAddress.getLoopbackAddress(), target);
                sockets.add(client);
                sockets.add(server);
                start("proxy-to-server", () -> carry(client, server));
                start("proxy-to-client", () -> carry(server, client));
            }
        } catch (IOException e) {
            cut(); // closed, or the server is down
            if (!listening.isClosed()) {
                accept();
            }
        }
    }

    private void carry(Socket from, Socket to) {
        byte[] buffer = new byte[8_192];
        try (InputStream in = from.getInputStream();
                OutputStream out = to.getOutputStream()) {
            int read = in.read(buffer);
            while (read >= 0) {
                awaitThaw();
                out.write(buffer, 0, read);
                out.flush();
                read = in.read(buffer);
            }
        } catch (IOException e) {
            // cut
        } finally {
            close(from);
            close(to);
        }
    }

    private void awaitThaw() {
        synchronized (gate) {
            while (frozen) {
                try {
                    gate.wait();
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                    return;
                }
            }
        }
    }

    private static void start(String name, Runnable work) {
        Thread thread = new Thread(work, name);
        thread.setDaemon(true);
        thread.start();
    }

    private static void close(Socket socket) {
        try {
            socket.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() throws IOException {
        listening.close();
        thaw();
        cut();
    }
}
