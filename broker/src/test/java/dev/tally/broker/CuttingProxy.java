package dev.tally.broker;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;

/** Stands between clients and a broker, and cuts a connection when the broker's answer to a send comes back. */
final class CuttingProxy implements AutoCloseable {

    static final String HOST = "127.0.0.2";

    private final ServerSocket server;
    private final int brokerPort;
    private final ExecutorService threads = Executors.newCachedThreadPool(task -> {
        Thread thread = new Thread(task, "cutting-proxy");
        thread.setDaemon(true);
        return thread;
    });
    private final AtomicInteger cutsLeft = new AtomicInteger();

    /** Listens on the broker's port of another loopback address, which the broker must advertise. */
    CuttingProxy(int brokerPort) throws IOException {
        this.brokerPort = brokerPort;
        server = new ServerSocket(brokerPort, 50, InetAddress.getByName(HOST));
        threads.execute(this::accept);
    }

    void cutAnswersToSends(int count) {
        cutsLeft.set(count);
    }

    int cutsLeft() {
        return cutsLeft.get();
    }

    private void accept() {
        try {
            while (true) {
                Socket client = server.accept();
                Socket broker = new Socket("127.0.0.1", brokerPort);
                boolean[] cut = {false};
                threads.execute(() -> pump(client, broker, cut, true));
                threads.execute(() -> pump(broker, client, cut, false));
            }
        } catch (IOException e) {
            // The test is over.
        }
    }

    private void pump(Socket from, Socket to, boolean[] cut, boolean requests) {
        try (from;
                to) {
            DataInputStream in = new DataInputStream(from.getInputStream());
            DataOutputStream out = new DataOutputStream(to.getOutputStream());
            while (true) {
                byte[] frame = new byte[in.readInt()];
                in.readFully(frame);
                String text = new String(frame, StandardCharsets.ISO_8859_1);
                if (requests && text.contains("\"code\":310,") && cutsLeft.get() > 0) {
                    cut[0] = true;
                }
                if (!requests && cut[0] && text.contains("\"msgId\"")) {
                    cutsLeft.decrementAndGet();
                    return;
                }
                out.writeInt(frame.length);
                out.write(frame);
                out.flush();
            }
        } catch (IOException e) {
            // One of the two ends is gone, so is the other now.
        }
    }

    @Override
    public void close() throws IOException {
        server.close();
        threads.shutdownNow();
    }
}
