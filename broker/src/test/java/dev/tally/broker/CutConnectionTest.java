package dev.tally.broker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.tally.broker.protocol.Command;
import dev.tally.broker.protocol.HeaderForm;
import dev.tally.broker.protocol.MessageEncoding;
import dev.tally.broker.protocol.OffsetMessageId;
import dev.tally.broker.protocol.RequestCode;
import dev.tally.broker.store.ReadResult;
import dev.tally.broker.store.StoredMessage;
import dev.tally.testkit.scenario.Scenario;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import org.apache.rocketmq.client.producer.DefaultMQProducer;
import org.apache.rocketmq.common.message.Message;
import org.apache.rocketmq.common.message.MessageExt;
import org.apache.rocketmq.remoting.exception.RemotingException;
import org.apache.rocketmq.remoting.exception.RemotingTooMuchRequestException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Connections that end at each byte of each frame, before, in the middle of and after it. */
class CutConnectionTest {

    private static final Duration PATIENCE = Duration.ofSeconds(60);

    @TempDir
    private Path data;

    private Broker broker;

    @BeforeEach
    void start() throws IOException {
        broker = Broker.start(
                BrokerConfig.builder(data).adminPort(0).defaultQueues(1).build());
    }

    @AfterEach
    void stop() {
        broker.close();
    }

    private enum Direction {
        TO_THE_BROKER,
        FROM_THE_BROKER
    }

    /** Cuts a request, or its answer, behind a number of bytes; by a reset every other time. */
    private void cut(Direction direction, byte[] request, int bytes) throws IOException {
        RawClient client = new RawClient(broker.address());
        if (direction == Direction.TO_THE_BROKER) {
            client.write(request, Math.min(bytes, request.length));
        } else {
            client.write(request, request.length);
            client.readSome(bytes);
        }
        if (bytes % 2 == 0) {
            client.reset();
        } else {
            client.close();
        }
    }

    private int length(Direction direction, byte[] request) throws IOException {
        if (direction == Direction.TO_THE_BROKER) {
            return request.length;
        }
        try (RawClient client = new RawClient(broker.address())) {
            return client.bytesOfAnswer(request);
        }
    }

    private Command call(byte[] request) throws IOException {
        try (RawClient client = new RawClient(broker.address())) {
            return client.call(request);
        }
    }

    private void assertNothingIsLeft() {
        await().atMost(PATIENCE).untilAsserted(() -> {
            assertThat(broker.connections()).isZero();
            assertThat(broker.heldPulls()).isZero();
        });
    }

    /** All of one length, and so are the frames. */
    private static String id(int number) {
        return "m" + (10_000 + number);
    }

    private static byte[] send(String topic, String id, String more) {
        return RawClient.frame(
                HeaderForm.JSON,
                RequestCode.SEND_MESSAGE_V2,
                "body of " + id,
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
                "UNIQ_KEY\u0001" + id + "\u0002" + more);
    }

    private List<String> ids(String topic) {
        List<String> ids = new ArrayList<>();
        long next = 0;
        while (next < broker.store().maxOffset(topic, 0)) {
            ReadResult found = broker.store().read(topic, 0, next, 1000, 1024 * 1024, tag -> true);
            for (StoredMessage message : found.messages()) {
                ids.add(MessageEncoding.decode(message.payload()).properties().get("UNIQ_KEY"));
            }
            next = found.nextOffset();
        }
        return ids;
    }

    @Scenario("broker-40")
    @ParameterizedTest
    @EnumSource(Direction.class)
    void takesASendAgainThatWasCutAtAnyByte(Direction direction) throws IOException {
        int length = length(direction, send("orders", id(9_999), ""));
        for (int bytes = 0; bytes <= length; bytes++) {
            byte[] request = send("orders", id(bytes), "");
            cut(direction, request, bytes);
            assertThat(call(request).code()).isZero();
        }
        assertNothingIsLeft();
        List<String> ids = ids("orders");
        for (int bytes = 0; bytes <= length; bytes++) {
            String id = id(bytes);
            long copies = ids.stream().filter(id::equals).count();
            boolean whole = direction == Direction.FROM_THE_BROKER || bytes >= length;
            // A send that arrived whole and was sent again is there twice, with one id: the inbox tells them apart.
            assertThat(copies).as("cut at %s of %s", bytes, length).isBetween(1L, whole ? 2L : 1L);
        }
    }

    @Scenario("broker-40")
    @ParameterizedTest
    @EnumSource(Direction.class)
    void decidesAHalfMessageOnceWhoseDecisionWasCutAtAnyByte(Direction direction) throws IOException {
        int length = length(direction, end(prepare(9_999)));
        for (int bytes = 0; bytes <= length; bytes++) {
            byte[] commit = end(prepare(bytes));
            cut(direction, commit, bytes);
            assertThat(call(commit).code()).isZero();
        }
        assertNothingIsLeft();
        int undecided = direction == Direction.TO_THE_BROKER ? 1 : 0;
        assertThat(ids("deals")).hasSize(length + 2 - undecided).doesNotHaveDuplicates();
        assertThat(broker.stats().undecided()).isEqualTo(undecided);
        assertThat(broker.stats().conflicts()).isZero();
    }

    private long prepare(int number) throws IOException {
        byte[] request = send("deals", id(number), "TRAN_MSG\u0001true\u0002PGROUP\u0001deciders\u0002");
        return OffsetMessageId.position(call(request).fields().requiredText("msgId"));
    }

    private static byte[] end(long position) {
        return RawClient.frame(
                HeaderForm.JSON,
                RequestCode.END_TRANSACTION,
                "",
                "producerGroup",
                "deciders",
                "commitLogOffset",
                position,
                "commitOrRollback",
                8);
    }

    @Scenario("broker-40")
    @ParameterizedTest
    @EnumSource(Direction.class)
    void makesNothingVisibleOfAHalfMessageThatWasCutAtAnyByte(Direction direction) throws IOException {
        String half = "TRAN_MSG\u0001true\u0002PGROUP\u0001deciders\u0002";
        int length = length(direction, send("deals", id(9_999), half));
        for (int bytes = 0; bytes <= length; bytes++) {
            byte[] request = send("deals", id(bytes), half);
            cut(direction, request, bytes);
            assertThat(call(request).code()).isZero();
        }
        assertNothingIsLeft();
        assertThat(ids("deals")).isEmpty();
        int first = direction == Direction.FROM_THE_BROKER ? 1 : 0;
        assertThat(broker.stats().undecided()).isBetween(first + length + 1L, first + 2L * (length + 1));
    }

    @Scenario("broker-40")
    @ParameterizedTest
    @EnumSource(Direction.class)
    void handsTheSameMessagesOutAgainAfterAPullThatWasCutAtAnyByte(Direction direction) throws IOException {
        call(send("orders", "one", ""));
        byte[] pull = pull("orders", 0, 0);
        byte[] expected = bytes(call(pull));
        int length = length(direction, pull);
        for (int bytes = 0; bytes <= length; bytes++) {
            cut(direction, pull, bytes);
        }
        assertThat(bytes(call(pull))).isEqualTo(expected);
        assertNothingIsLeft();
    }

    @Scenario("broker-40")
    @Test
    void letsGoOfHeldPullsAndMembersWithTheirConnection() throws IOException {
        call(send("orders", "one", ""));
        byte[] heartbeat = RawClient.frame(
                HeaderForm.BINARY,
                RequestCode.HEART_BEAT,
                "{\"clientID\":\"c1\",\"consumerDataSet\":[{\"groupName\":\"stock\",\"subscriptionDataSet\":"
                        + "[{\"topic\":\"orders\",\"subString\":\"*\"}]}]}");
        for (int bytes = 0; bytes <= heartbeat.length; bytes++) {
            cut(Direction.TO_THE_BROKER, heartbeat, bytes);
        }
        assertNothingIsLeft();
        byte[] members =
                RawClient.frame(HeaderForm.JSON, RequestCode.GET_CONSUMER_LIST_BY_GROUP, "", "consumerGroup", "stock");
        List<RawClient> clients = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            RawClient client = new RawClient(broker.address());
            client.call(heartbeat);
            byte[] held = pull("orders", 1, 55_000);
            client.write(held, held.length);
            clients.add(client);
        }
        await().atMost(PATIENCE).until(() -> broker.heldPulls() == 20);
        assertThat(call(members).code()).isZero();
        for (int i = 0; i < clients.size(); i++) {
            if (i % 2 == 0) {
                clients.get(i).reset();
            } else {
                clients.get(i).close();
            }
        }
        assertNothingIsLeft();
        assertThat(call(members).code()).as("no member is left").isNotZero();
    }

    private static byte[] pull(String topic, long offset, long holdMillis) {
        return RawClient.frame(
                HeaderForm.BINARY,
                RequestCode.PULL_MESSAGE,
                "",
                "consumerGroup",
                "stock",
                "topic",
                topic,
                "queueId",
                0,
                "queueOffset",
                offset,
                "maxMsgNums",
                32,
                "sysFlag",
                holdMillis > 0 ? 6 : 4,
                "suspendTimeoutMillis",
                holdMillis,
                "subscription",
                "*");
    }

    private static byte[] bytes(Command answer) {
        byte[] bytes = new byte[answer.body().remaining()];
        answer.body().duplicate().get(bytes);
        return bytes;
    }

    /** Passes bytes on in both directions and resets each connection after some thousand of them. */
    private static final class CuttingProxy implements AutoCloseable {
        private final ServerSocket listening = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        private final Set<Socket> open = new HashSet<>();
        private final List<String> cuts = new CopyOnWriteArrayList<>();
        private final int target;
        private final Random random;
        private volatile boolean cutting;

        CuttingProxy(int target, long seed) throws IOException {
            this.target = target;
            this.random = new Random(seed);
            start(this::accept);
        }

        private static void start(Runnable task) {
            Thread thread = new Thread(task, "cutting-proxy");
            thread.setDaemon(true);
            thread.start();
        }

        private void accept() {
            try {
                while (true) {
                    Socket client = listening.accept();
                    Socket server = new Socket(InetAddress.getLoopbackAddress(), target);
                    int bytes = 200 + random.nextInt(4_000);
                    synchronized (open) {
                        open.addAll(List.of(client, server));
                    }
                    start(() -> pass(client, server, random.nextBoolean() ? bytes : Integer.MAX_VALUE));
                    start(() -> pass(server, client, bytes));
                }
            } catch (IOException e) {
                assertThat(listening.isClosed()).isTrue();
            }
        }

        private void pass(Socket from, Socket to, int most) {
            try (from;
                    to) {
                InputStream in = from.getInputStream();
                OutputStream out = to.getOutputStream();
                int passed = 0;
                for (int one = in.read(); one >= 0; one = in.read()) {
                    out.write(one);
                    if (++passed >= most && cutting) {
                        cuts.add("cut");
                        from.setSoLinger(true, 0);
                        to.setSoLinger(true, 0);
                        return;
                    }
                }
            } catch (IOException e) {
                // The other direction was cut.
                assertThat(e).isNotNull();
            }
        }

        @Override
        public void close() throws IOException {
            listening.close();
            synchronized (open) {
                for (Socket socket : open) {
                    socket.close();
                }
            }
        }
    }

    /**
     * Sends again after a timeout, as applications do. The client fails what is under way on a lost connection only if
     * no other thread has replaced that connection in its table before it notices ({@code
     * NettyRemotingClient.closeChannel} of 5.5.0); otherwise the request waits for its whole time. A route whose query is
     * cut is an {@link IllegalStateException} around the connection's error, which the client does not try again ({@code
     * MQClientInstance.updateTopicRouteInfoFromNameServer} of 5.5.0).
     */
    private static void sendUntilAcknowledged(DefaultMQProducer producer, Message message) throws Exception {
        for (int attempt = 1; ; attempt++) {
            try {
                producer.send(message);
                return;
            } catch (RemotingTooMuchRequestException e) {
                assertThat(attempt).as("timeouts of one message").isLessThan(10);
            } catch (IllegalStateException e) {
                assertThat(e).hasCauseInstanceOf(RemotingException.class);
                assertThat(attempt).as("attempts for one message").isLessThan(20);
            }
        }
    }

    @Scenario("broker-40")
    @Test
    void losesNothingOfAnOfficialClientWhoseConnectionsAreCutAgainAndAgain() throws Exception {
        long seed = Long.getLong("tally.cut.seed", System.nanoTime());
        int port = Integer.parseInt(broker.address().substring(broker.address().lastIndexOf(':') + 1));
        // The route must name the proxy: a broker that says so, on the same data.
        broker.close();
        try (CuttingProxy proxy = new CuttingProxy(port, seed)) {
            broker = Broker.start(BrokerConfig.builder(data)
                    .port(port)
                    .defaultQueues(1)
                    .advertisedPort(proxy.listening.getLocalPort())
                    .build());
            List<String> sent = new ArrayList<>();
            try (OfficialClients clients = new OfficialClients("127.0.0.1:" + proxy.listening.getLocalPort())) {
                List<MessageExt> got = clients.consumed("readers", "orders", "*");
                DefaultMQProducer producer = clients.producer("senders");
                producer.setRetryTimesWhenSendFailed(20);
                producer.setSendMsgTimeout(3_000);
                proxy.cutting = true;
                for (int i = 0; i < 100; i++) {
                    sendUntilAcknowledged(producer, OfficialClients.message("orders", "t", "m" + i));
                    sent.add("m" + i);
                }
                int cuts = proxy.cuts.size();
                proxy.cutting = false;
                await().atMost(PATIENCE).untilAsserted(() -> assertThat(OfficialClients.texts(got))
                        .as("seed %s", seed)
                        .containsAll(sent));
                assertThat(cuts).as("seed %s", seed).isGreaterThan(5);
            }
            assertNothingIsLeft();
        }
    }
}
