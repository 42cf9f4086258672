package dev.tally.broker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.tally.broker.net.TlsConfig;
import dev.tally.broker.net.TlsMode;
import dev.tally.broker.protocol.HeaderForm;
import dev.tally.broker.protocol.RequestCode;
import dev.tally.testkit.scenario.Scenario;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.List;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509TrustManager;
import org.apache.rocketmq.client.producer.DefaultMQProducer;
import org.apache.rocketmq.common.message.Message;
import org.apache.rocketmq.common.message.MessageExt;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class TlsTest {

    /** Made by OpenSSL, which the JDK's tools cannot; the password is "the password". */
    private static final String ENCRYPTED_KEY = """
            -----BEGIN ENCRYPTED PRIVATE KEY-----
            MIHsMFcGCSqGSIb3DQEFDTBKMCkGCSqGSIb3DQEFDDAcBAiL14yBjPm2ogICCAAw
            DAYIKoZIhvcNAgkFADAdBglghkgBZQMEASoEEMK59cGk4VXXQWAXrT7SoO4EgZBe
            5wtGYyJIHVCMq7Z/bQ9XV6x3RZaHYaJw2r5rzsfVVcXuEF9/VMzMMcyaO84MYkT4
            ESvtezhmsULqdNx1Z5q1RJBuesmQs6HyEnHoXH2l6noREE30cO1go5NcltExOHoU
            XUduT8JgmWItV+/k4Qi8J5VqdK5/xiQTM16F3Chi/a39DHMIGAlU3ZUVU+hLCJs=
            -----END ENCRYPTED PRIVATE KEY-----
            """;

    private static final String ENCRYPTED_KEYS_CERTIFICATE = """
            -----BEGIN CERTIFICATE-----
            MIIBfzCCASWgAwIBAgIUfJlkLoVV7GHNpF5MtooKA5CKfO0wCgYIKoZIzj0EAwIw
            FDESMBAGA1UEAwwJZW5jcnlwdGVkMCAXDTI2MTEyMTExNDAyN1oYDzIxMjYxMDI4
            MTE0MDI3WjAUMRIwEAYDVQQDDAllbmNyeXB0ZWQwWTATBgcqhkjOPQIBBggqhkjO
            PQMBBwNCAAQBKW5mtwhmaKcrJzytOqJZpR/i9cFY3tUQT3oK5FXma+SyE71BxnTY
            pSJpH3smoWP9x7lZnzzQBG9FCXlu8lxBo1MwUTAdBgNVHQ4EFgQUR8i066KqwZSz
            2nFiPQx406Z85YwwHwYDVR0jBBgwFoAUR8i066KqwZSz2nFiPQx406Z85YwwDwYD
            VR0TAQH/BAUwAwEB/zAKBggqhkjOPQQDAgNIADBFAiEAgdfPQT/OlB+kJwhnBoWK
            qhggkw4+C1hku3n8Hkt5MGkCIBsgekbD3Z6xrXw9a5ppXntqyILo3YmqcuNeKVbr
            nklo
            -----END CERTIFICATE-----
            """;

    @TempDir
    private static Path shared;

    private static TestCertificate first;
    private static TestCertificate second;
    private static TestCertificate client;

    @TempDir
    private Path directory;

    private Path certificate;
    private Path key;

    @BeforeAll
    static void makeCertificates() throws Exception {
        first = TestCertificate.make(shared, "first", "RSA");
        second = TestCertificate.make(shared, "second", "EC");
        client = TestCertificate.make(shared, "client", "RSA");
    }

    @BeforeEach
    void writeCertificate() throws Exception {
        certificate = directory.resolve("certificate.pem");
        key = directory.resolve("key.pem");
        first.write(certificate, key);
    }

    private Broker broker(TlsConfig tls) {
        return Broker.start(BrokerConfig.builder(directory.resolve("data"))
                .tls(tls)
                .reloadInterval(Duration.ofMillis(50))
                .build());
    }

    private Broker broker(TlsMode mode) {
        return broker(mode == TlsMode.DISABLED ? TlsConfig.DISABLED : TlsConfig.of(mode, certificate, key));
    }

    private static OfficialClients clients(Broker broker, boolean encrypted) {
        return new OfficialClients(broker.address(), client -> {
            client.setUseTLS(encrypted);
            client.setMqClientApiTimeout(encrypted ? 30_000 : 5_000);
        });
    }

    @ParameterizedTest
    @EnumSource(
            value = TlsMode.class,
            names = {"PERMISSIVE", "ENFORCING"})
    void encryptedClientsProduceAndConsumeSmallAndLargeMessages(TlsMode mode) throws Exception {
        byte[] large = new byte[3_000_000];
        new java.util.Random(7).nextBytes(large);
        try (Broker broker = broker(mode);
                OfficialClients clients = clients(broker, true)) {
            DefaultMQProducer producer = clients.producer("makers");
            producer.setCompressMsgBodyOverHowmuch(Integer.MAX_VALUE);
            producer.send(OfficialClients.message("trip", "t", "small"));
            producer.send(new Message("trip", "t", large));
            List<MessageExt> got = clients.consumed("travellers", "trip", "*");
            await().atMost(Duration.ofSeconds(120)).until(() -> got.size() == 2);
            assertThat(got).anySatisfy(message -> assertThat(message.getBody()).isEqualTo(large));
        }
    }

    @Test
    void onePortServesBothKindsWherePlainOnesAreAllowed() throws Exception {
        try (Broker broker = broker(TlsMode.PERMISSIVE);
                OfficialClients encrypted = clients(broker, true);
                OfficialClients plain = clients(broker, false)) {
            encrypted.producer("makers").send(OfficialClients.message("trip", "t", "encrypted"));
            plain.producer("others").send(OfficialClients.message("trip", "t", "plain"));
            assertThat(broker.stats().messages()).isEqualTo(2);
        }
    }

    @Scenario("broker-44")
    @Test
    void plainConnectionsAreClosedUnreadWhereEncryptionIsEnforced() throws Exception {
        byte[] request = RawClient.frame(HeaderForm.JSON, RequestCode.GET_ROUTE_BY_TOPIC, "", "topic", "made");
        try (Broker broker = broker(TlsMode.ENFORCING)) {
            try (RawClient plain = new RawClient(broker.address())) {
                assertThatThrownBy(() -> plain.call(request)).isInstanceOf(IOException.class);
            }
            assertThat(broker.store().topic("made")).isNull();
        }
        try (Broker broker = broker(TlsMode.PERMISSIVE);
                RawClient plain = new RawClient(broker.address())) {
            assertThat(plain.call(request).code()).isZero();
        }
    }

    @Test
    void encryptedConnectionsAreClosedWhereEncryptionIsDisabled() throws Exception {
        try (Broker broker = broker(TlsMode.DISABLED)) {
            assertThatThrownBy(() -> handshake(broker, null)).isInstanceOf(IOException.class);
        }
    }

    @Test
    void aHandshakeThatDoesNotGoOnEndsItsConnection() throws Exception {
        try (Broker broker = broker(TlsMode.ENFORCING);
                Socket socket = connect(broker)) {
            socket.getOutputStream().write(new byte[] {0x16, 3, 1});
            assertThat(socket.getInputStream().read()).isEqualTo(-1);
            await().atMost(Duration.ofSeconds(30)).until(() -> broker.connections() == 0);
        }
    }

    @Test
    void aNewCertificateIsUsedByNewConnectionsAndABrokenOneIsNot() throws Exception {
        try (Broker broker = broker(TlsMode.ENFORCING);
                OfficialClients standing = clients(broker, true)) {
            DefaultMQProducer producer = standing.producer("makers");
            producer.send(OfficialClients.message("trip", "t", "1"));
            assertThat(handshake(broker, null)).isEqualTo(first.certificate());

            // Half a change: the key does not fit yet.
            Files.writeString(
                    certificate,
                    TestCertificate.pem("CERTIFICATE", second.certificate().getEncoded()));
            await().pollDelay(Duration.ofMillis(500)).until(() -> true);
            assertThat(handshake(broker, null)).isEqualTo(first.certificate());

            second.write(certificate, key);
            await().atMost(Duration.ofSeconds(60))
                    .until(() -> handshake(broker, null).equals(second.certificate()));
            producer.send(OfficialClients.message("trip", "t", "2"));

            Files.delete(key);
            await().pollDelay(Duration.ofMillis(500)).until(() -> true);
            assertThat(handshake(broker, null)).isEqualTo(second.certificate());
        }
    }

    @Test
    void clientsNeedACertificateOfATrustedAuthorityWhereThatIsDemanded() throws Exception {
        Path trust = directory.resolve("trust.pem");
        Files.writeString(
                trust, TestCertificate.pem("CERTIFICATE", client.certificate().getEncoded()));
        try (Broker broker = broker(new TlsConfig(TlsMode.ENFORCING, certificate, key, null, trust))) {
            assertThat(handshake(broker, client)).isEqualTo(first.certificate());
            assertThatThrownBy(() -> handshake(broker, null)).isInstanceOf(IOException.class);
            assertThatThrownBy(() -> handshake(broker, second)).isInstanceOf(IOException.class);
        }
    }

    @Test
    void readsAKeyThatIsEncrypted() throws Exception {
        Files.writeString(certificate, ENCRYPTED_KEYS_CERTIFICATE);
        Files.writeString(key, ENCRYPTED_KEY);
        Path password = directory.resolve("password");
        Files.writeString(password, "the password\n");
        try (Broker broker = broker(new TlsConfig(TlsMode.ENFORCING, certificate, key, password, null))) {
            assertThat(handshake(broker, null).getSubjectX500Principal().getName())
                    .isEqualTo("CN=encrypted");
        }
        assertStartRefused(TlsConfig.of(TlsMode.ENFORCING, certificate, key), "it is encrypted, and no password file");
        Files.writeString(password, "another");
        assertStartRefused(
                new TlsConfig(TlsMode.ENFORCING, certificate, key, password, null), "it cannot be decrypted with");
    }

    @Test
    void saysInOneLineWhichFileCannotBeUsedAndWhy() throws Exception {
        TlsConfig config = TlsConfig.of(TlsMode.ENFORCING, certificate, key);
        second.write(certificate, directory.resolve("unused"));
        assertStartRefused(config, key + ": it is not the key of the certificate in " + certificate);
        first.write(certificate, directory.resolve("unused"));
        Files.writeString(key, "-----BEGIN RSA PRIVATE KEY-----\nAAAA\n-----END RSA PRIVATE KEY-----\n");
        assertStartRefused(config, "openssl pkcs8 -topk8");
        Files.writeString(key, "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n");
        assertStartRefused(config, key + ": it is no key of");
        Files.writeString(key, "nothing");
        assertStartRefused(config, key + ": it holds no private key");
        Files.delete(key);
        assertStartRefused(config, key + ": it does not exist");
        Files.writeString(certificate, "nothing");
        assertStartRefused(config, certificate.toString());
        assertThatThrownBy(() -> new TlsConfig(TlsMode.ENFORCING, certificate, null, null, null))
                .isInstanceOf(IllegalArgumentException.class);
    }

    private void assertStartRefused(TlsConfig config, String reason) {
        assertThatThrownBy(() -> broker(config))
                .isInstanceOf(BrokerStartException.class)
                .hasMessageContaining(reason);
    }

    private static Socket connect(Broker broker) throws IOException {
        String address = broker.address();
        int port = Integer.parseInt(address.substring(address.lastIndexOf(':') + 1));
        Socket socket = new Socket(InetAddress.getLoopbackAddress(), port);
        socket.setSoTimeout(60_000);
        return socket;
    }

    /** The certificate that the broker shows; asks it something as well, since a refusal may come after the handshake. */
    private static X509Certificate handshake(Broker broker, @Nullable TestCertificate own) throws Exception {
        SSLContext context = SSLContext.getInstance("TLS");
        KeyManagerFactory keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        KeyStore store = KeyStore.getInstance("PKCS12");
        store.load(null, null);
        if (own != null) {
            store.setKeyEntry("own", own.key(), new char[0], new X509Certificate[] {own.certificate()});
        }
        keys.init(store, new char[0]);
        context.init(keys.getKeyManagers(), new TrustManager[] {new TrustsAll()}, new SecureRandom());
        try (Socket plain = connect(broker);
                SSLSocket socket = (SSLSocket) context.getSocketFactory().createSocket(plain, "127.0.0.1", 0, true)) {
            socket.startHandshake();
            socket.getOutputStream().write(RawClient.frame(HeaderForm.JSON, RequestCode.GET_BROKER_CLUSTER_INFO, ""));
            if (socket.getInputStream().read() < 0) {
                throw new IOException("The connection was closed");
            }
            return (X509Certificate) socket.getSession().getPeerCertificates()[0];
        }
    }

    private static final class TrustsAll implements X509TrustManager {
        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type) {}

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type) {}

        @Override
        public X509Certificate[] getAcceptedIssuers() {
            return new X509Certificate[0];
        }
    }
}
