package dev.tally.broker.receive;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tally.broker.request.ServerSettings;
import dev.tally.broker.store.EndedPop;
import dev.tally.broker.store.MessageStore;
import dev.tally.broker.store.PopReceipt;
import dev.tally.broker.store.ReadResult;
import dev.tally.broker.topic.Topics;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.reflect.Proxy;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import org.junit.jupiter.api.Test;

class PopRevivalTest {

    private static PopReceipt receipt(long offset) {
        return new PopReceipt("poppers", "letters", 0, offset, 1_000);
    }

    @Test
    void aMessageThatCannotBeReadKeepsNoOtherOneFromItsTurn() {
        List<Long> ended = new ArrayList<>();
        MessageStore store = (MessageStore) Proxy.newProxyInstance(
                MessageStore.class.getClassLoader(),
                new Class<?>[] {MessageStore.class},
                (proxy, method, arguments) -> switch (method.getName()) {
                    case "pollEndedPops" ->
                        ended.isEmpty()
                                ? List.of(
                                        new EndedPop(receipt(1), false),
                                        new EndedPop(receipt(2), false),
                                        new EndedPop(receipt(3), false))
                                : List.of();
                    case "read" -> {
                        if ((Long) arguments[2] == 1) {
                            throw new UncheckedIOException(new IOException("A damaged record"));
                        }
                        yield new ReadResult(ReadResult.Status.OFFSET_TOO_SMALL, List.of(), 4, 0, 4);
                    }
                    case "endPop" -> {
                        ended.add(((PopReceipt) arguments[0]).offset());
                        yield CompletableFuture.completedFuture(true);
                    }
                    default -> throw new IllegalStateException("Not expected: " + method);
                });
        ServerSettings settings = new ServerSettings(
                "tally",
                "cluster",
                "127.0.0.1:9876",
                new InetSocketAddress(InetAddress.getLoopbackAddress(), 9876),
                true,
                4,
                4096,
                List.of(Duration.ofSeconds(1)));
        ScheduledThreadPoolExecutor scheduler = new ScheduledThreadPoolExecutor(1);
        try {
            new PopRevival(
                            store,
                            settings,
                            new Topics(store, settings, created -> {}),
                            new HeldPops(store, Runnable::run, scheduler),
                            Runnable::run,
                            () -> Instant.EPOCH)
                    .run();
        } finally {
            scheduler.shutdownNow();
        }
        assertThat(ended).containsExactly(2L, 3L);
    }
}
