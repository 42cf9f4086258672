package dev.tally.transport.redis;

import dev.tally.message.Destination;
import dev.tally.message.Headers;
import dev.tally.message.Message;
import dev.tally.message.MessageId;
import dev.tally.transport.SendOutcome;
import dev.tally.transport.Transport;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/** Sends numbers in turn of some keys, each again and again until it is confirmed, as a relay does, until it is stopped. */
final class SteadySender {

    private static final int KEYS = 12;

    private final Transport transport;
    private final String topic;
    private final AtomicInteger confirmed = new AtomicInteger();
    private final AtomicInteger failures = new AtomicInteger();
    private final CompletableFuture<Void> stop = new CompletableFuture<>();
    private final CompletableFuture<Integer> sent;

    SteadySender(Transport transport, String topic) {
        this.transport = transport;
        this.topic = topic;
        this.sent = CompletableFuture.supplyAsync(this::run, task -> new Thread(task, "steady-sender").start());
    }

    private int run() {
        int number = 0;
        while (!stop.isDone()) {
            List<Message> left = new ArrayList<>();
            for (int i = 0; i < KEYS; i++) {
                left.add(new Message(
                        new MessageId(topic + '-' + number),
                        Destination.topic(topic),
                        "key-" + number % KEYS,
                        "number",
                        Headers.empty(),
                        RedisKeys.bytes(Integer.toString(number++))));
            }
            while (!left.isEmpty()) {
                left = again(left);
            }
        }
        return number;
    }

    private List<Message> again(List<Message> messages) {
        List<CompletableFuture<SendOutcome>> outcomes = transport.send(messages);
        List<Message> failed = new ArrayList<>();
        for (int i = 0; i < messages.size(); i++) {
            if (outcomes.get(i).join() instanceof SendOutcome.Sent) {
                confirmed.incrementAndGet();
            } else {
                failures.incrementAndGet();
                failed.add(messages.get(i));
            }
        }
        return failed;
    }

    int confirmed() {
        return confirmed.get();
    }

    int failures() {
        return failures.get();
    }

    /** Stops it; answers how many numbers were sent. */
    int stop() throws Exception {
        stop.complete(null);
        return sent.get(60, TimeUnit.SECONDS);
    }
}
