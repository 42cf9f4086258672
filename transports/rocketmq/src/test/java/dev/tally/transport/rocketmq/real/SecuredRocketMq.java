package dev.tally.transport.rocketmq.real;

import dev.tally.testkit.ChildJvm;
import dev.tally.testkit.FreePorts;
import java.nio.file.Path;
import java.util.List;

/**
 * A real RocketMQ name server and broker in a process of its own, with accounts, permissions and TLS: RocketMQ reads its
 * TLS settings from system properties, and keeps accounts by static names.
 */
public final class SecuredRocketMq implements AutoCloseable {

    private final ChildJvm process;
    private final int nameServerPort;

    private SecuredRocketMq(ChildJvm process, int nameServerPort) {
        this.process = process;
        this.nameServerPort = nameServerPort;
    }

    /**
     * Starts it with topics {@code secured} and {@code forbidden}; account {@code shop-app} may use the first, and the group
     * {@code secured-readers}.
     */
    public static SecuredRocketMq start(Path directory, Path certificate, Path key) throws Exception {
        String auth = "org.apache.rocketmq.auth.";
        int port = FreePorts.next();
        ChildJvm process = ChildJvm.start(
                RealRocketMqMain.class,
                RealRocketMqMain.READY,
                List.of(
                        "directory=" + directory,
                        "nameServerPort=" + port,
                        "system.user.home=" + directory,
                        "system.tls.test.mode.enable=false",
                        "system.tls.server.mode=enforcing",
                        "system.tls.server.certPath=" + certificate,
                        "system.tls.server.keyPath=" + key,
                        // The broker itself is a client of the name server.
                        "system.tls.enable=true",
                        "authenticationEnabled=true",
                        "authenticationProvider=" + auth + "authentication.provider.DefaultAuthenticationProvider",
                        "authenticationMetadataProvider=" + auth
                                + "authentication.provider.LocalAuthenticationMetadataProvider",
                        "initAuthenticationUser={\"username\":\"operator\",\"password\":\"operator-secret\"}",
                        "innerClientAuthenticationCredentials="
                                + "{\"accessKey\":\"operator\",\"secretKey\":\"operator-secret\"}",
                        "authorizationEnabled=true",
                        "authorizationProvider=" + auth + "authorization.provider.DefaultAuthorizationProvider",
                        "authorizationMetadataProvider=" + auth
                                + "authorization.provider.LocalAuthorizationMetadataProvider",
                        "topic.secured=2",
                        "topic.forbidden=2",
                        "account.shop-app=shop-secret|Topic:secured,Group:secured-readers"));
        return new SecuredRocketMq(process.awaitReady(), port);
    }

    /** Address for clients. */
    public String nameServerAddress() {
        return "127.0.0.1:" + nameServerPort;
    }

    @Override
    public void close() {
        process.close();
    }
}
