package dev.tally.broker.net;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import dev.tally.broker.protocol.Command;
import dev.tally.broker.protocol.CommandCodec;
import dev.tally.broker.protocol.HeaderForm;
import dev.tally.broker.store.Appended;
import dev.tally.broker.store.MessageStore;
import dev.tally.broker.store.TopicConfig;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
import java.lang.management.ManagementFactory;
import java.lang.reflect.Proxy;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** How many bytes one send allocates between the socket and the log, and back. */
class AllocationTest {

    private static final int BODY = 1024;
    private static final int ROUNDS = 20_000;

    private final TopicConfig topic = new TopicConfig("orders", 4, 4, 6, 0);

    /** Takes everything at once and keeps nothing; a proxy, so that it is no matter what else the port has. */
    private MessageStore blackHole() {
        List<Appended> appended = List.of(new Appended(123_456_789, 42));
        return (MessageStore) Proxy.newProxyInstance(
                getClass().getClassLoader(),
                new Class<?>[] {MessageStore.class},
                (proxy, method, arguments) -> switch (method.getName()) {
                    case "topic" -> topic;
                    case "tailAtStart" -> List.of();
                    case "append" -> CompletableFuture.completedFuture(appended);
                    default -> null;
                });
    }

    @ParameterizedTest
    @EnumSource(HeaderForm.class)
    void takesASendWithFewBytesOfGarbage(HeaderForm form) {
        try (WireHarness harness = new WireHarness(blackHole())) {
            WireHarness.Channel channel = harness.connect();
            byte[] frame = frame(WireHarness.sendCommand(form, "orders", new byte[BODY]));
            run(channel, frame, ROUNDS);
            ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
            long before = threads.getCurrentThreadAllocatedBytes();
            long started = System.nanoTime();
            run(channel, frame, ROUNDS);
            long nanos = (System.nanoTime() - started) / ROUNDS;
            long perSend = (threads.getCurrentThreadAllocatedBytes() - before) / ROUNDS;
            System.out.println("allocation form=" + form + " bytesPerSend=" + perSend + " nanosPerSend=" + nanos);
            assertThat(perSend).isLessThan(9_000);
            channel.finishAndReleaseAll();
        }
    }

    private static void run(WireHarness.Channel channel, byte[] frame, int rounds) {
        for (int i = 0; i < rounds; i++) {
            ByteBuf in = PooledByteBufAllocator.DEFAULT.directBuffer(frame.length);
            channel.writeInbound(in.writeBytes(frame));
            if (channel.discardAnswers() == 0) {
                throw new AssertionError("No answer");
            }
        }
    }

    static byte[] frame(Command command) {
        ByteBuffer head = CommandCodec.encodeUpToBody(command);
        ByteBuffer body = command.body().duplicate();
        return ByteBuffer.allocate(head.remaining() + body.remaining())
                .put(head)
                .put(body)
                .array();
    }
}
