package dev.tally.broker.client;

import dev.tally.broker.net.Connection;
import dev.tally.broker.protocol.Command;
import dev.tally.broker.protocol.Fields;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/** Requests of the broker to clients whose answer is waited for. Thread-safe. */
public final class ClientCalls {

    private final ScheduledExecutorService scheduler;
    private final ConcurrentMap<Key, CompletableFuture<Command>> underWay = new ConcurrentHashMap<>();
    private final AtomicInteger opaques = new AtomicInteger();

    private record Key(Connection connection, int opaque) {}

    /** @param scheduler gives up calls that are not answered in time */
    public ClientCalls(ScheduledExecutorService scheduler) {
        this.scheduler = scheduler;
    }

    /**
     * Asks a client.
     *
     * @return the answer, whatever its code; exceptionally a {@link ClientUnreachableException} where none came
     */
    public CompletableFuture<Command> call(
            Connection connection, int code, Fields fields, ByteBuffer body, Duration patience) {
        Key key = new Key(connection, nextOpaque());
        CompletableFuture<Command> answer = new CompletableFuture<>();
        underWay.put(key, answer);
        ScheduledFuture<?> timer = scheduler.schedule(
                () -> answer.completeExceptionally(new ClientUnreachableException("Client " + connection.remoteAddress()
                        + " did not answer request " + code + " within " + patience)),
                patience.toMillis(),
                TimeUnit.MILLISECONDS);
        var unused = answer.whenComplete((got, failure) -> {
            underWay.remove(key);
            timer.cancel(false);
        });
        var unusedToo = connection
                .send(Command.question(code, key.opaque, fields, body))
                .whenComplete((written, failure) -> {
                    if (failure != null) {
                        answer.completeExceptionally(new ClientUnreachableException(
                                "Request " + code + " could not be written to client " + connection.remoteAddress(),
                                failure));
                    }
                });
        if (!connection.open()) {
            gone(connection);
        }
        return answer;
    }

    /** A client answered something; nobody may have asked. */
    public boolean answered(Connection connection, Command response) {
        CompletableFuture<Command> answer = underWay.get(new Key(connection, response.opaque()));
        return answer != null && answer.complete(response.detached());
    }

    /** A connection ended; what was asked on it will not be answered. */
    public void gone(Connection connection) {
        underWay.forEach((key, answer) -> {
            if (key.connection == connection) {
                answer.completeExceptionally(new ClientUnreachableException(
                        "Client " + connection.remoteAddress() + " disconnected before it answered"));
            }
        });
    }

    /** Zero is for questions whose answer is of no interest. */
    private int nextOpaque() {
        return opaques.updateAndGet(last -> last == Integer.MAX_VALUE ? 1 : last + 1);
    }
}
