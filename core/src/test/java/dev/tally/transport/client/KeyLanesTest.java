package dev.tally.transport.client;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tally.transport.SendOutcome;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class KeyLanesTest {

    private static final SendOutcome SENT = new SendOutcome.Sent("");
    private static final SendOutcome FAILED = new SendOutcome.Failed(true, "broken", null);

    private final KeyLanes lanes = new KeyLanes();
    private final List<String> started = new ArrayList<>();

    private CompletableFuture<SendOutcome> depart(String key, String name) {
        CompletableFuture<SendOutcome> outcome = new CompletableFuture<>();
        lanes.depart(new KeyLanes.Lane("orders", key), new KeyLanes.Departure(() -> started.add(name), outcome));
        return outcome;
    }

    @Test
    void sendsTheNextOfAKeyWhenTheOneBeforeIsSentAndOtherKeysAtOnce() {
        CompletableFuture<SendOutcome> first = depart("a", "a1");
        CompletableFuture<SendOutcome> second = depart("a", "a2");
        depart("b", "b1");
        assertThat(started).containsExactly("a1", "b1");

        first.complete(SENT);
        assertThat(started).containsExactly("a1", "b1", "a2");
        second.complete(SENT);
        assertThat(lanes.size()).as("b's lane alone").isEqualTo(1);
        depart("a", "a3");
        assertThat(started).endsWith("a3");
    }

    @Test
    void failsAllThatWaitBehindOneThatFailsAndGoesOnWithThoseAfterThem() {
        CompletableFuture<SendOutcome> first = depart("a", "a1");
        CompletableFuture<SendOutcome> second = depart("a", "a2");
        CompletableFuture<SendOutcome> third = depart("a", "a3");

        first.complete(FAILED);

        assertThat(List.of(second, third)).allSatisfy(behind -> assertThat(behind.join())
                .isEqualTo(new SendOutcome.Failed(
                        true,
                        "Not sent: an earlier message with key 'a' to topic 'orders' failed; to be sent again after it",
                        null)));
        assertThat(started).containsExactly("a1");
        assertThat(lanes.size()).isZero();
        depart("a", "a4");
        assertThat(started).containsExactly("a1", "a4");
    }

    @Test
    void doesNotSendWhatIsOverBeforeItsTurnNorWhatIsBehindThat() {
        CompletableFuture<SendOutcome> first = depart("a", "a1");
        CompletableFuture<SendOutcome> second = depart("a", "a2");
        CompletableFuture<SendOutcome> third = depart("a", "a3");

        second.complete(FAILED);
        assertThat(third).isNotDone();
        first.complete(SENT);

        assertThat(third.join()).isInstanceOf(SendOutcome.Failed.class);
        assertThat(started).containsExactly("a1");
        assertThat(lanes.size()).isZero();
    }

    @Test
    void keepsTheOrderOfKeysWhateverFailsAndWhoeverAnswers() throws Exception {
        int keys = 5;
        int messages = 20_000;
        Map<Integer, List<Integer>> stored = new HashMap<>();
        IntStream.range(0, keys).forEach(key -> stored.put(key, new ArrayList<>()));
        Queue<Runnable> underWay = new ConcurrentLinkedQueue<>();
        List<CompletableFuture<SendOutcome>> all = new ArrayList<>();
        boolean[] departed = {false};
        List<Thread> brokers = new ArrayList<>();
        for (int i = 0; i < 2; i++) {
            Random random = new Random(i);
            Thread broker = new Thread(() -> {
                while (true) {
                    Runnable answer = underWay.poll();
                    if (answer != null) {
                        answer.run();
                    } else {
                        synchronized (departed) {
                            if (departed[0] && lanes.size() == 0) {
                                return;
                            }
                        }
                    }
                    if (random.nextInt(64) == 0) {
                        Thread.yield();
                    }
                }
            });
            brokers.add(broker);
            broker.start();
        }
        Random random = new Random(7);
        for (int n = 0; n < messages; n++) {
            int number = n;
            int key = random.nextInt(keys);
            SendOutcome answer = random.nextInt(50) == 0 ? FAILED : SENT;
            CompletableFuture<SendOutcome> outcome = new CompletableFuture<>();
            all.add(outcome);
            lanes.depart(
                    new KeyLanes.Lane("orders", "key-" + key),
                    new KeyLanes.Departure(
                            () -> underWay.add(() -> {
                                List<Integer> ofKey = stored.get(key);
                                synchronized (ofKey) {
                                    if (answer == SENT) {
                                        ofKey.add(number);
                                    }
                                }
                                outcome.complete(answer);
                            }),
                            outcome));
        }
        synchronized (departed) {
            departed[0] = true;
        }
        for (Thread broker : brokers) {
            broker.join();
        }

        assertThat(all).allMatch(CompletableFuture::isDone);
        assertThat(stored.values()).allSatisfy(ofKey -> assertThat(ofKey).isSorted());
        assertThat(stored.values().stream().mapToInt(List::size).sum()).isEqualTo((int)
                all.stream().filter(each -> each.join() == SENT).count());
    }
}
