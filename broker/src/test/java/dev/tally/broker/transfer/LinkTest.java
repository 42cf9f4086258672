package dev.tally.broker.transfer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.tally.broker.protocol.Command;
import dev.tally.broker.protocol.Fields;
import dev.tally.broker.protocol.RequestCode;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class LinkTest {

    /** Otherwise messages under way on two connections could overtake those that were lost with the first. */
    @Test
    void whatIsSentOnABrokenConnectionFailsAndOpensNoOther() throws Exception {
        EventLoopGroup loops = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
        try (ServerSocket server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
                Link link =
                        new Link(Endpoint.of("127.0.0.1:" + server.getLocalPort()), loops, Duration.ofSeconds(30))) {
            String address = "127.0.0.1:" + server.getLocalPort();
            LinkConnection connection = link.connection(address);
            Socket accepted = server.accept();

            accepted.setSoLinger(true, 0);
            accepted.close();
            await().until(() -> !connection.usable());
            CompletableFuture<Command> answer =
                    link.send(connection, RequestCode.SEND_MESSAGE_V2, Fields.none(), Command.noBody());

            await().until(answer::isCompletedExceptionally);
            server.setSoTimeout(200);
            assertThat(acceptsAnother(server)).isFalse();
            assertThat(link.connection(address)).isNotSameAs(connection);
            assertThat(acceptsAnother(server)).isTrue();
        } finally {
            loops.shutdownGracefully(0, 1, TimeUnit.SECONDS);
        }
    }

    private static boolean acceptsAnother(ServerSocket server) throws IOException {
        try (Socket another = server.accept()) {
            return another.isConnected();
        } catch (SocketTimeoutException e) {
            return false;
        }
    }
}
