package dev.tally.boot.actuate;

import dev.tally.broker.Broker;
import dev.tally.broker.BrokerConfig;
import dev.tally.half.CheckBack;
import dev.tally.half.CheckBackAnswer;
import java.nio.file.Path;
import java.time.Duration;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.context.annotation.Bean;

/** A broker that parks after one check, and a service that never finds out how its transactions ended; not scanned. */
class EndpointBroker {

    @Bean(destroyMethod = "close")
    Broker broker(
            @Value("${tally.broker.data-directory}") Path directory,
            @Value("${test.check-immunity}") Duration checkImmunity) {
        return Broker.start(BrokerConfig.builder(directory)
                .checkImmunity(checkImmunity)
                .checkInterval(Duration.ofMillis(500))
                .maxChecks(1)
                .build());
    }

    /** The service never finds out by itself how a transaction ended. */
    @Bean
    CheckBack checkBack() {
        return (transactionId, messageId) -> CheckBackAnswer.UNKNOWN;
    }
}
