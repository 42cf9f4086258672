package dev.tally.transport.rocketmq;

import dev.tally.transport.TransportException;
import java.time.Duration;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import org.apache.rocketmq.remoting.netty.TlsSystemConfig;

/** A client that verifies certificates, in a JVM of its own: RocketMQ and Netty take that from system properties. */
final class VerifyingClient {

    static final String DONE = "done";

    private VerifyingClient() {}

    /** Arguments: name server, the certificate of its broker, another certificate. */
    public static void main(String[] arguments) throws Exception {
        System.setProperty("io.netty.handler.ssl.defaultEndpointVerificationAlgorithm", "NONE");

        tell("trusted", arguments[0], arguments[1]);
        tell("another", arguments[0], arguments[2]);
        System.out.println(DONE);
        new CountDownLatch(1).await();
    }

    private static void tell(String what, String nameServer, String trusted) {
        TlsSystemConfig.tlsTestModeEnable = false;
        TlsSystemConfig.tlsClientAuthServer = true;
        TlsSystemConfig.tlsClientTrustCertPath = trusted;
        RocketMqSettings settings = RocketMqSettings.builder(
                        nameServer, "verifiers", UUID.randomUUID().toString())
                .credentials(SecuredContract.ACCOUNT, SecuredContract.SECRET)
                .tls(true)
                .sendTimeout(Duration.ofSeconds(30))
                .build();
        try (RocketMqTransport transport = new RocketMqTransport(settings)) {
            transport.verifyReachable();
            System.out.println(what + ": reached");
        } catch (TransportException e) {
            System.out.println(what + ": " + e.getMessage());
        }
    }
}
