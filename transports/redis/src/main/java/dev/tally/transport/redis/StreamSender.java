package dev.tally.transport.redis;

import dev.tally.message.Message;
import dev.tally.transport.SendOutcome;
import dev.tally.transport.client.KeyLanes;
import dev.tally.transport.client.SendTimeouts;
import dev.tally.transport.client.UnsendableMessageException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/** Adds messages to streams, all at once as far as their keys allow. Thread-safe. */
final class StreamSender {

    private final Line line;
    private final RedisKeys keys;
    private final Topics topics;
    private final EntryTranslation translation;
    private final SendTimeouts timeouts;
    private final @Nullable ReplicaConfirmation replicas;
    private final Trimming trimming;
    private final KeyLanes lanes = new KeyLanes();
    private final AtomicInteger turn = new AtomicInteger();

    /**
     * Creates it.
     *
     * @param line what nothing else uses: waiting for replicas holds up its commands
     * @param replicas waits for replicas, {@code null} where they are not waited for
     */
    StreamSender(
            Line line,
            RedisKeys keys,
            Topics topics,
            EntryTranslation translation,
            Duration timeout,
            @Nullable ReplicaConfirmation replicas,
            Trimming trimming) {
        this.line = line;
        this.keys = keys;
        this.topics = topics;
        this.translation = translation;
        this.timeouts = new SendTimeouts(timeout);
        this.replicas = replicas;
        this.trimming = trimming;
    }

    List<CompletableFuture<SendOutcome>> send(List<Message> messages) {
        List<CompletableFuture<SendOutcome>> outcomes = new ArrayList<>(messages.size());
        for (Message message : messages) {
            outcomes.add(send(message));
        }
        return outcomes;
    }

    private CompletableFuture<SendOutcome> send(Message message) {
        String topic = message.destination().topic();
        String what = UnsendableMessageException.attempt(message, EntryTranslation.PRODUCT);
        try {
            return send(topic, message.key(), translation.toFields(message), what);
        } catch (UnsendableMessageException e) {
            return CompletableFuture.completedFuture(e.outcome());
        }
    }

    /**
     * Adds an entry.
     *
     * @param what begins the reason of a failure
     */
    CompletableFuture<SendOutcome> send(String topic, @Nullable String key, List<byte[]> fields, String what) {
        SendOutcome late = new SendOutcome.Failed(
                true, what + ": no confirmation within " + timeouts.timeout() + "; Redis may have it or not", null);
        CompletableFuture<SendOutcome> outcome = timeouts.watch(new CompletableFuture<>(), () -> late);
        Departed departed = new Departed(topic, key, fields, outcome, late, what);
        if (key == null) {
            start(departed);
        } else {
            lanes.depart(new KeyLanes.Lane(topic, key), new KeyLanes.Departure(() -> start(departed), outcome));
        }
        return outcome;
    }

    private record Departed(
            String topic,
            @Nullable String key,
            List<byte[]> fields,
            CompletableFuture<SendOutcome> outcome,
            SendOutcome late,
            String what) {}

    private void start(Departed departed) {
        var unused = line.session().whenComplete((session, thrown) -> {
            if (thrown == null) {
                withSession(departed, session);
            } else {
                departed.outcome().complete(Failures.ofSend(thrown, departed.what()));
            }
        });
    }

    private void withSession(Departed departed, Session session) {
        var unused = topics.partitions(session, departed.topic()).whenComplete((partitions, thrown) -> {
            if (thrown != null) {
                failed(departed, session, thrown);
            } else if (!departed.outcome().isDone()) {
                add(departed, session, partitions);
            }
        });
        var unusedToo = departed.outcome().thenAccept(outcome -> {
            if (outcome == departed.late()) {
                line.suspect(
                        session, new NoAnswerException(departed.what() + ": no answer within " + timeouts.timeout()));
            }
        });
    }

    private void add(Departed departed, Session session, int partitions) {
        String key = departed.key();
        int partition = key == null
                ? Math.floorMod(turn.getAndIncrement(), partitions)
                : RedisKeys.partitionOf(key, partitions);
        byte[] stream = keys.stream(departed.topic(), partition);
        var unused = session.commands()
                .xadd(stream, departed.fields().toArray())
                .whenComplete((id, thrown) -> {
                    if (thrown != null) {
                        failed(departed, session, thrown);
                    } else if (replicas == null) {
                        departed.outcome().complete(new SendOutcome.Sent(id));
                    } else {
                        replicas.confirm(session, departed.outcome(), id, departed.what());
                    }
                });
        trimming.trimIfDue(session, departed.topic(), stream);
    }

    private void failed(Departed departed, Session session, Throwable thrown) {
        departed.outcome().complete(Failures.ofSend(thrown, departed.what()));
        line.suspect(session, thrown);
    }
}
