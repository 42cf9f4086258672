package dev.tally.broker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.rocketmq.client.producer.DefaultMQProducer;
import org.apache.rocketmq.client.producer.SendCallback;
import org.apache.rocketmq.client.producer.SendResult;
import org.apache.rocketmq.common.message.MessageExt;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class KillTest {

    private static final Duration PATIENCE = Duration.ofSeconds(90);

    @TempDir
    private Path directory;

    /** What became of sends, seen from outside. */
    private record Verdict(Set<String> lost, Set<String> duplicated, Set<String> unacknowledgedButThere) {

        static Verdict of(Set<String> attempted, Set<String> acknowledged, Collection<String> found) {
            Map<String, Integer> counts = new HashMap<>();
            found.forEach(one -> counts.merge(one, 1, Integer::sum));
            assertThat(attempted).containsAll(counts.keySet());
            Set<String> lost = new TreeSet<>(acknowledged);
            lost.removeAll(counts.keySet());
            Set<String> duplicated = new TreeSet<>();
            counts.forEach((one, count) -> {
                if (count > 1) {
                    duplicated.add(one);
                }
            });
            Set<String> extra = new TreeSet<>(counts.keySet());
            extra.removeAll(acknowledged);
            return new Verdict(lost, duplicated, extra);
        }
    }

    @Test
    void keepsEveryAcknowledgedMessageThroughKillsInTheMiddleOfSends() throws Exception {
        Set<String> attempted = ConcurrentHashMap.newKeySet();
        Set<String> acknowledged = ConcurrentHashMap.newKeySet();
        for (int round = 0; round < 3; round++) {
            sendUntilKilled(round, attempted, acknowledged);
        }

        try (BrokerProcess broker = start();
                OfficialClients clients = new OfficialClients(broker.awaitReady())) {
            List<MessageExt> got = clients.consumed("auditors", "audited", "*");
            await().atMost(PATIENCE).until(() -> OfficialClients.texts(got).containsAll(acknowledged));
            Verdict verdict = Verdict.of(attempted, acknowledged, OfficialClients.texts(got));
            assertThat(verdict.lost).isEmpty();
            assertThat(verdict.duplicated).isEmpty();
        }
    }

    private void sendUntilKilled(int round, Set<String> attempted, Set<String> acknowledged) throws Exception {
        try (BrokerProcess broker = start();
                OfficialClients clients = new OfficialClients(broker.awaitReady())) {
            DefaultMQProducer producer = clients.producer("senders");
            producer.setRetryTimesWhenSendAsyncFailed(0);
            producer.setRetryTimesWhenSendFailed(0);
            AtomicInteger acknowledgedNow = new AtomicInteger();
            Thread sender = new Thread(() -> {
                for (int i = 0; i < 20_000 && !Thread.currentThread().isInterrupted(); i++) {
                    String body = round + "-" + i;
                    attempted.add(body);
                    try {
                        producer.send(OfficialClients.message("audited", "t", body), new SendCallback() {
                            @Override
                            public void onSuccess(SendResult result) {
                                acknowledged.add(body);
                                acknowledgedNow.incrementAndGet();
                            }

                            @Override
                            public void onException(Throwable failure) {
                                // Not acknowledged: it may be there or not.
                            }
                        });
                    } catch (Exception e) {
                        // The broker is gone, or the client has too much under way; only acknowledged ones count.
                        attempted.add(body);
                    }
                }
            });
            sender.start();
            await().atMost(PATIENCE).until(() -> acknowledgedNow.get() > 200);
            broker.kill();
            sender.interrupt();
            sender.join();
        }
    }

    private BrokerProcess start() throws Exception {
        return BrokerProcess.launch(
                directory.resolve("errors.txt"),
                "--data",
                directory.resolve("data").toString(),
                "--port",
                "0");
    }
}
