package dev.tally.boot.actuate;

import dev.tally.boot.Outboxes;
import dev.tally.boot.TallyOutboxOperationsAutoConfiguration;
import org.springframework.boot.actuate.autoconfigure.endpoint.condition.ConditionalOnAvailableEndpoint;
import org.springframework.boot.actuate.endpoint.annotation.Endpoint;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.context.annotation.Bean;

/** The outbox's actuator endpoint, where it is exposed. */
@AutoConfiguration(after = TallyOutboxOperationsAutoConfiguration.class)
@ConditionalOnClass({Endpoint.class, ConditionalOnAvailableEndpoint.class})
@ConditionalOnBean(Outboxes.class)
public final class TallyOutboxEndpointAutoConfiguration {

    @Bean
    @ConditionalOnMissingBean
    @ConditionalOnAvailableEndpoint
    TallyOutboxEndpoint tallyOutboxEndpoint(Outboxes outboxes) {
        return new TallyOutboxEndpoint(outboxes);
    }
}
