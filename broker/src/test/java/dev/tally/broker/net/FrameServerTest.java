package dev.tally.broker.net;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.tally.broker.protocol.Answer;
import dev.tally.broker.protocol.Command;
import dev.tally.broker.protocol.CommandCodec;
import dev.tally.broker.protocol.Fields;
import dev.tally.broker.protocol.HeaderForm;
import dev.tally.testkit.scenario.Scenario;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FrameServerTest {

    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final int MAX_FRAME = 64 * 1024;
    private static final int BIG_ANSWER = 200;

    private final List<Connection> closed = new CopyOnWriteArrayList<>();
    private FrameServer server;

    @BeforeEach
    void start() throws IOException {
        server = listen(new ServerLimits(
                MAX_FRAME,
                5,
                5,
                Duration.ofSeconds(60),
                Duration.ofMillis(500),
                Duration.ofMillis(500),
                16 * 1024 * 1024,
                64 * 1024 * 1024));
    }

    private FrameServer listen(ServerLimits limits) throws IOException {
        return FrameServer.listen(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), limits, new Echo());
    }

    @AfterEach
    void stop() {
        server.close();
    }

    /** Answers with the request's body, or with a megabyte. */
    private final class Echo implements ConnectionListener {
        @Override
        public void received(Connection connection, Command command) {
            ByteBuffer body = command.code() == BIG_ANSWER ? ByteBuffer.allocate(1024 * 1024) : command.body();
            connection.send(command.answeredBy(Answer.ok(body)));
        }

        @Override
        public void closed(Connection connection) {
            closed.add(connection);
        }
    }

    private Socket connect() throws IOException {
        Socket socket =
                new Socket(server.address().getAddress(), server.address().getPort());
        socket.setSoTimeout((int) PATIENCE.toMillis());
        return socket;
    }

    private static byte[] request(int code, String body) {
        byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
        Command command = new Command(HeaderForm.JSON, code, 0, 513, 1, 0, null, Fields.none(), ByteBuffer.wrap(bytes));
        ByteBuffer head = CommandCodec.encodeUpToBody(command);
        return ByteBuffer.allocate(head.remaining() + bytes.length)
                .put(head)
                .put(bytes)
                .array();
    }

    private static String answerOf(Socket socket) throws IOException {
        DataInputStream in = new DataInputStream(socket.getInputStream());
        byte[] frame = new byte[in.readInt()];
        in.readFully(frame);
        return StandardCharsets.UTF_8
                .decode(CommandCodec.decode(ByteBuffer.wrap(frame)).body())
                .toString();
    }

    private static void assertWorks(Socket socket) throws IOException {
        socket.getOutputStream().write(request(1, "hello"));
        assertThat(answerOf(socket)).isEqualTo("hello");
    }

    private static void assertEnds(Socket socket) throws IOException {
        try {
            assertThat(socket.getInputStream().read()).isEqualTo(-1);
        } catch (java.net.SocketException reset) {
            assertThat(reset).hasMessageContaining("reset");
        }
    }

    @Scenario("broker-42")
    @ParameterizedTest
    @ValueSource(
            strings = {
                "7FFFFFFF00000000",
                "FFFFFFFF00000000",
                "00000003000000",
                "0000000800FFFFFF00000000",
                "00000008090000017B7D7D7D",
                "0000000A000000066E6F20006A73",
                "00100001"
            })
    void closesOnlyTheConnectionThatSendsABadFrame(String hex) throws IOException {
        try (Socket healthy = connect();
                Socket hostile = connect()) {
            assertWorks(healthy);
            hostile.getOutputStream().write(java.util.HexFormat.of().parseHex(hex));
            assertEnds(hostile);
            assertWorks(healthy);
            await().atMost(PATIENCE).until(() -> closed.size() == 1);
        }
    }

    @Test
    void readsFramesThatComeByteByByteAndSeveralAtOnce() throws IOException {
        try (Socket socket = connect()) {
            OutputStream out = socket.getOutputStream();
            for (byte one : request(1, "slowly")) {
                out.write(one);
                out.flush();
            }
            assertThat(answerOf(socket)).isEqualTo("slowly");
            byte[] twice = new byte[request(1, "x").length * 2];
            System.arraycopy(request(1, "x"), 0, twice, 0, twice.length / 2);
            System.arraycopy(request(1, "y"), 0, twice, twice.length / 2, twice.length / 2);
            out.write(twice);
            assertThat(answerOf(socket) + answerOf(socket)).isEqualTo("xy");
        }
    }

    @Test
    void closesAConnectionWhoseFrameIsNeverComplete() throws IOException {
        try (Socket socket = connect()) {
            socket.getOutputStream().write(new byte[] {0, 0, 1, 0, 0});
            assertEnds(socket);
        }
    }

    @Test
    void closesAClientThatNeverReadsAndServesTheOthers() throws IOException {
        try (Socket healthy = connect();
                Socket hoarder = connect()) {
            assertWorks(healthy);
            byte[] request = request(BIG_ANSWER, "");
            try {
                for (int i = 0; i < 64; i++) {
                    hoarder.getOutputStream().write(request);
                }
            } catch (IOException closedAlready) {
                assertThat(closedAlready).isNotNull();
            }
            await().atMost(PATIENCE).until(() -> closed.size() == 1);
            assertWorks(healthy);
        }
    }

    @Test
    void refusesConnectionsAboveTheLimitAndTakesNewOnesWhenSomeLeft() throws Exception {
        Socket[] sockets = new Socket[5];
        for (int i = 0; i < sockets.length; i++) {
            sockets[i] = connect();
            assertWorks(sockets[i]);
        }
        try (Socket oneTooMany = connect()) {
            assertEnds(oneTooMany);
        }
        for (Socket socket : sockets) {
            assertThat(socket.isClosed()).isFalse();
            socket.close();
        }
        await().atMost(PATIENCE).until(() -> server.connectionCount() == 0);
        try (Socket again = connect()) {
            assertWorks(again);
        }
    }

    @Test
    void closesAnIdleConnection() throws IOException {
        server.close();
        server = listen(new ServerLimits(
                MAX_FRAME,
                5,
                5,
                Duration.ofMillis(300),
                Duration.ofSeconds(60),
                Duration.ofSeconds(60),
                1024 * 1024,
                1024 * 1024));
        try (Socket socket = connect()) {
            assertWorks(socket);
            assertEnds(socket);
        }
    }
}
