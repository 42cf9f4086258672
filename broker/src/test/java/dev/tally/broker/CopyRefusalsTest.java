package dev.tally.broker;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tally.broker.net.TlsConfig;
import dev.tally.broker.net.TlsMode;
import dev.tally.broker.store.TopicConfig;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import org.apache.rocketmq.client.producer.DefaultMQProducer;
import org.apache.rocketmq.common.message.Message;
import org.apache.rocketmq.common.message.MessageQueue;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a copy refuses or cannot do, and what it says then. */
class CopyRefusalsTest {

    private static final String ACCOUNTS = """
            accounts:
              - accessKey: operator-1
                secretKey: operator-secret
                admin: true
              - accessKey: shop-app
                secretKey: shop-secret
                topicPerms:
                  - orders=PUB|SUB
            """;

    @TempDir
    private Path directory;

    private static int port(String address) {
        return Integer.parseInt(address.substring(address.lastIndexOf(':') + 1));
    }

    @Test
    void namesUnknownTopicsAndGroupsAndCopiesNothing() {
        try (CopySides sides = new CopySides(directory)) {
            CopySides.createTopic(sides.source, "orders", 1);
            assertThat(sides.copy("--topic", "orders", "--topic", "nowhere")).isEqualTo(1);
            assertThat(sides.err).contains("does not have: [nowhere]").contains("Nothing was copied");
            assertThat(sides.source.store().topic("nowhere")).isNull();
            assertThat(sides.copy("--topic", "orders", "--group", "nobody")).isEqualTo(1);
            assertThat(sides.err).contains("[nobody]");
            assertThat(sides.target.store().topic("orders")).isNull();
            assertThat(sides.copy()).isEqualTo(2);
            assertThat(sides.err).contains("name topics or groups");
        }
    }

    @Test
    void saysWhichAddressCannotBeReached() {
        try (CopySides sides = new CopySides(directory)) {
            CopySides.createTopic(sides.source, "orders", 1);
            String gone = sides.target.address();
            sides.target.close();
            assertThat(sides.copy("--topic", "orders", "--attempts", "1")).isEqualTo(1);
            assertThat(sides.err).contains("Cannot connect to " + gone);
            assertThat(sides.run(List.of("copy", "--from", "nonsense", "--to", gone, "--all-topics")))
                    .isEqualTo(2);
            assertThat(sides.err).contains("'nonsense' is no address");
        }
    }

    @Test
    void aMessageThatTheTargetRefusesStopsItsQueueOnlyAndIsNamed() throws Exception {
        try (CopySides sides = new CopySides(
                        directory,
                        BrokerConfig.builder(directory.resolve("source")),
                        CopySides.target(directory).maxMessageBytes(5000));
                OfficialClients clients = new OfficialClients(sides.source.address())) {
            CopySides.createTopic(sides.source, "orders", 2);
            DefaultMQProducer producer = clients.producer("senders");
            CopySides.send(producer, sides.source, "orders", 2, 0, 20);
            producer.setCompressMsgBodyOverHowmuch(100_000);
            producer.send(new Message("orders", new byte[6000]), new MessageQueue("orders", "tally", 1));
            CopySides.send(producer, sides.source, "orders", 2, 20, 20);

            assertThat(sides.copy("--topic", "orders")).isEqualTo(1);

            assertThat(sides.out)
                    .contains("Copying topic orders queue 1 of broker tally stopped at offset 10")
                    .contains("the body has 6000 bytes; 1 to 5000 are allowed")
                    .contains("NOT COMPLETE: 30 messages copied")
                    .containsPattern("orders +tally +0 +0 +20 +20 +0:0-20 +ok")
                    .containsPattern("orders +tally +1 +0 +10 +10 +1:0-10 +NOT WHOLE");
            assertThat(CopySides.bodies(sides.target, "orders", 1))
                    .isEqualTo(CopySides.bodies(sides.source, "orders", 1).subList(0, 10));

            // With a target that takes it, the same command goes on behind what is there.
            sides.target.close();
            sides.target = Broker.start(CopySides.target(directory)
                    .port(port(sides.target.address()))
                    .build());
            assertThat(sides.copy("--topic", "orders"))
                    .as(sides.out + sides.err)
                    .isZero();
            assertThat(CopySides.kept(sides.target, "orders", 1)).isEqualTo(CopySides.kept(sides.source, "orders", 1));
        }
    }

    @Test
    void saysThatATopicMayNotBeRead() throws Exception {
        try (CopySides sides = new CopySides(directory);
                OfficialClients clients = new OfficialClients(sides.source.address())) {
            CopySides.createTopic(sides.source, "orders", 1);
            CopySides.send(clients.producer("senders"), sides.source, "orders", 1, 0, 3);
            sides.source
                    .store()
                    .saveTopic(new TopicConfig("orders", 1, 1, 2, 0))
                    .join();
            assertThat(sides.copy("--topic", "orders")).isEqualTo(1);
            assertThat(sides.out).contains("orders queue 0").contains("is not readable");
        }
    }

    @Test
    void aStateFileOfAnotherPairOrOfNothingAtAllIsRefused() throws Exception {
        try (CopySides sides = new CopySides(directory);
                Broker third = Broker.start(
                        BrokerConfig.builder(directory.resolve("third")).build())) {
            CopySides.createTopic(sides.source, "orders", 1);
            assertThat(sides.copy("--topic", "orders")).isZero();
            List<String> other = new ArrayList<>(List.of("copy", "--from", sides.source.address()));
            other.addAll(List.of(
                    "--to",
                    third.address(),
                    "--topic",
                    "orders",
                    "--state",
                    sides.state().toString()));
            assertThat(sides.run(other)).isEqualTo(1);
            assertThat(sides.err)
                    .contains("is of a copy from " + sides.source.address())
                    .contains("name another file");
            assertThat(third.store().topic("orders")).isNull();

            Files.writeString(sides.state(), "{\"format\":1,");
            assertThat(sides.copy("--topic", "orders")).isEqualTo(1);
            assertThat(sides.err).contains("cannot be read");
            Files.writeString(sides.state(), "{\"format\":9}");
            assertThat(sides.copy("--topic", "orders")).isEqualTo(1);
            assertThat(sides.err).contains("has format 9");

            Files.delete(sides.state());
            try (FileChannel lock = FileChannel.open(
                    directory.resolve("copy.json.lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
                assertThat(lock.lock().isValid()).isTrue();
                assertThat(sides.copy("--topic", "orders")).isEqualTo(1);
                assertThat(sides.err).contains("Another copy works with");
            }
        }
    }

    @Test
    void aTargetThatLostWhatWasCopiedIsRefused() throws Exception {
        try (CopySides sides = new CopySides(directory);
                OfficialClients clients = new OfficialClients(sides.source.address())) {
            CopySides.createTopic(sides.source, "orders", 1);
            CopySides.send(clients.producer("senders"), sides.source, "orders", 1, 0, 3);
            assertThat(sides.copy("--topic", "orders")).isZero();
            sides.target.store().deleteTopic("orders").join();
            assertThat(sides.copy("--topic", "orders")).isEqualTo(1);
            assertThat(sides.out).contains("offset 2 of the target");

            sides.target.close();
            sides.target = Broker.start(BrokerConfig.builder(directory.resolve("another"))
                    .port(port(sides.target.address()))
                    .build());
            assertThat(sides.copy("--topic", "orders")).isEqualTo(1);
            assertThat(sides.out).contains("it is not the queue that it was");
        }
    }

    @Test
    void fewerQueuesAtTheTargetAreRefused() {
        try (CopySides sides = new CopySides(directory)) {
            CopySides.createTopic(sides.source, "orders", 4);
            CopySides.createTopic(sides.target, "orders", 2);
            assertThat(sides.copy("--topic", "orders")).isEqualTo(1);
            assertThat(sides.err).contains("has 2 write queues at the target and needs 4");
        }
    }

    @Test
    void worksWithAccountsAndEncryptionOnBothSides() throws Exception {
        Path accounts = directory.resolve("accounts.yml");
        Files.writeString(accounts, ACCOUNTS);
        Path certificate = directory.resolve("cert.pem");
        Path key = directory.resolve("key.pem");
        TestCertificate.make(directory, "broker", "RSA").write(certificate, key);
        TlsConfig tls = TlsConfig.of(TlsMode.ENFORCING, certificate, key);
        try (CopySides sides = new CopySides(
                directory,
                BrokerConfig.builder(directory.resolve("source"))
                        .accounts(accounts)
                        .tls(tls),
                CopySides.target(directory).accounts(accounts).tls(tls))) {
            CopySides.createTopic(sides.source, "orders", 1);
            List<String> secure = List.of(
                    "--topic",
                    "orders",
                    "--from-tls",
                    "--from-tls-trust",
                    certificate.toString(),
                    "--to-tls",
                    "--to-tls-trust",
                    certificate.toString());
            List<String> operator = new ArrayList<>(secure);
            operator.addAll(List.of(
                    "--from-access-key",
                    "operator-1",
                    "--from-secret-key",
                    "operator-secret",
                    "--to-access-key",
                    "operator-1",
                    "--to-secret-key",
                    "operator-secret"));
            assertThat(sides.copy(operator.toArray(String[]::new)))
                    .as(sides.out + sides.err)
                    .isZero();
            assertThat(sides.out).doesNotContain("operator-secret");

            List<String> shop = new ArrayList<>(operator);
            shop.set(shop.indexOf("operator-1"), "shop-app");
            shop.set(shop.indexOf("operator-secret"), "shop-secret");
            assertThat(sides.copy(shop.toArray(String[]::new))).isEqualTo(1);
            assertThat(sides.err).contains("refused by").contains("shop-app");
            assertThat(sides.copy(secure.toArray(String[]::new))).isEqualTo(1);

            // A certificate that nobody vouches for.
            List<String> untrusting = new ArrayList<>(operator);
            untrusting.removeAll(List.of("--from-tls-trust", certificate.toString(), "--to-tls-trust"));
            assertThat(sides.copy(untrusting.toArray(String[]::new))).isEqualTo(1);
            assertThat(sides.err).contains("No encrypted connection to");
        }
    }
}
