package dev.tally.sample.stock;

import dev.tally.broker.Broker;
import dev.tally.broker.BrokerConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.springframework.boot.test.context.TestConfiguration;
import org.springframework.context.annotation.Bean;
import org.springframework.test.context.DynamicPropertyRegistrar;

/** A broker of the test's own, on a free port. */
@TestConfiguration
class BrokerInside {

    @Bean(destroyMethod = "close")
    Broker broker() throws IOException {
        Path data = Files.createTempDirectory(Files.createDirectories(Path.of("target", "broker")), "test-");
        return Broker.start(BrokerConfig.builder(data).port(0).build());
    }

    @Bean
    DynamicPropertyRegistrar nameServer(Broker broker) {
        return properties -> properties.add("rocketmq.name-server", broker::address);
    }
}
