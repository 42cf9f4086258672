package dev.tally.listeners;

import dev.tally.broker.Broker;
import dev.tally.broker.BrokerConfig;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.apache.activemq.artemis.core.config.impl.ConfigurationImpl;
import org.apache.activemq.artemis.core.server.embedded.EmbeddedActiveMQ;
import org.apache.qpid.server.SystemLauncher;
import org.apache.qpid.server.model.BrokerModel;
import org.springframework.kafka.test.EmbeddedKafkaKraftBroker;

/** Brokers of four kinds in this process. */
final class Brokers implements AutoCloseable {

    final EmbeddedKafkaKraftBroker kafka;
    final Broker rocketMq;
    final EmbeddedActiveMQ artemis;
    final SystemLauncher amqp;
    final int amqpPort;

    Brokers(Path directory) throws Exception {
        kafka = new EmbeddedKafkaKraftBroker(1, 1, "records", "messages");
        kafka.afterPropertiesSet();
        rocketMq =
                Broker.start(BrokerConfig.builder(directory.resolve("rocketmq")).build());
        artemis = new EmbeddedActiveMQ();
        artemis.setConfiguration(new ConfigurationImpl()
                .setPersistenceEnabled(false)
                .setSecurityEnabled(false)
                .addAcceptorConfiguration("in-vm", "vm://0"));
        artemis.start();
        amqpPort = freePort();
        amqp = new SystemLauncher();
        amqp.startup(Map.of(
                "type",
                "Memory",
                "initialConfigurationLocation",
                Files.writeString(directory.resolve("amqp.json"), amqpConfiguration())
                        .toUri()
                        .toString()));
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    private String amqpConfiguration() {
        return """
                {
                  "name": "amqp",
                  "modelVersion": "%s",
                  "authenticationproviders": [{
                    "name": "plain",
                    "type": "Plain",
                    "secureOnlyMechanisms": [],
                    "users": [{"name": "guest", "type": "managed", "password": "guest"}]
                  }],
                  "ports": [{
                    "name": "AMQP",
                    "port": "%d",
                    "bindingAddress": "127.0.0.1",
                    "authenticationProvider": "plain",
                    "virtualhostaliases": [{"name": "nameAlias", "type": "nameAlias"}]
                  }],
                  "virtualhostnodes": [{
                    "name": "default",
                    "type": "Memory",
                    "defaultVirtualHostNode": "true",
                    "virtualHostInitialConfiguration": "{\\"type\\": \\"Memory\\"}"
                  }]
                }
                """.formatted(BrokerModel.MODEL_VERSION, amqpPort);
    }

    @Override
    public void close() throws Exception {
        amqp.shutdown();
        artemis.stop();
        rocketMq.close();
        kafka.destroy();
    }
}
