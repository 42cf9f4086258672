package dev.tally.broker;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;

/** Stands between a copy and its target; swallows an answer to a send now and then and cuts the connection. */
final class CopyProxy implements AutoCloseable {

    static final String HOST = "127.0.0.2";

    private static final Set<Integer> SENDS = Set.of(310, 320);

    private final ServerSocket server;
    private final int port;
    private final AtomicInteger sends = new AtomicInteger();
    private final ExecutorService threads = Executors.newCachedThreadPool(task -> {
        Thread thread = new Thread(task, "copy-proxy");
        thread.setDaemon(true);
        return thread;
    });
    private volatile int every = Integer.MAX_VALUE;
    private volatile boolean down;

    CopyProxy(int port) throws IOException {
        this.port = port;
        server = new ServerSocket(port, 50, InetAddress.getByName(HOST));
        threads.execute(this::accept);
    }

    /** Swallows the answer to each n-th send. */
    void cutEvery(int sendCount) {
        every = sendCount;
    }

    int sends() {
        return sends.get();
    }

    /** Whether after the next cut nobody gets through any more. */
    void downAfterCut(boolean value) {
        downAfterCut = value;
        down = false;
    }

    private volatile boolean downAfterCut;

    private void accept() {
        try {
            while (true) {
                Socket client = server.accept();
                if (down) {
                    client.close();
                    continue;
                }
                Socket broker = new Socket("127.0.0.1", port);
                Set<Integer> swallowed = ConcurrentHashMap.newKeySet();
                threads.execute(() -> pump(client, broker, swallowed, true));
                threads.execute(() -> pump(broker, client, swallowed, false));
            }
        } catch (IOException e) {
            // The test is over.
        }
    }

    private void pump(Socket from, Socket to, Set<Integer> swallowed, boolean requests) {
        try (from;
                to) {
            DataInputStream in = new DataInputStream(from.getInputStream());
            DataOutputStream out = new DataOutputStream(to.getOutputStream());
            while (true) {
                byte[] frame = new byte[in.readInt()];
                in.readFully(frame);
                // The binary header: u16 code, u8 language, u16 version, u32 opaque.
                ByteBuffer header = ByteBuffer.wrap(frame, 4, frame.length - 4);
                int code = header.getShort();
                header.get();
                header.getShort();
                int opaque = header.getInt();
                if (requests && SENDS.contains(code) && sends.incrementAndGet() % every == 0) {
                    swallowed.add(opaque);
                }
                if (!requests && swallowed.contains(opaque)) {
                    down = downAfterCut;
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
