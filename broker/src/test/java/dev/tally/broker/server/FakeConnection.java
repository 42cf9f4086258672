package dev.tally.broker.server;

import dev.tally.broker.net.Connection;
import dev.tally.broker.protocol.Command;
import dev.tally.broker.protocol.RequestCode;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.function.Consumer;

/** The broker's end of a connection that a test holds the other end of. Everything that is written is kept. */
final class FakeConnection implements Connection {

    private final InetSocketAddress remote;
    private final List<Command> written = new ArrayList<>();
    private Consumer<Command> client = command -> {};
    private boolean open = true;

    FakeConnection(int port) {
        remote = new InetSocketAddress("127.0.0.1", port);
    }

    /** What the other end does with a frame; nothing without it, like a machine that lost its network. */
    FakeConnection client(Consumer<Command> behaviour) {
        client = behaviour;
        return this;
    }

    synchronized List<Command> written() {
        return List.copyOf(written);
    }

    long count(int code) {
        return written().stream()
                .filter(command -> !command.response() && command.code() == code)
                .count();
    }

    long checks() {
        return count(RequestCode.CHECK_TRANSACTION_STATE);
    }

    @Override
    public CompletableFuture<Void> send(Command command) {
        synchronized (this) {
            written.add(command);
        }
        client.accept(command);
        return CompletableFuture.completedFuture(null);
    }

    public void answer(Command command) {
        var unused = send(command);
    }

    public Executor executor() {
        return Runnable::run;
    }

    @Override
    public InetSocketAddress remoteAddress() {
        return remote;
    }

    @Override
    public boolean open() {
        return open;
    }

    @Override
    public void close() {
        open = false;
    }
}
