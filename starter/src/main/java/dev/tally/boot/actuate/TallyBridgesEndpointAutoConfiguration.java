package dev.tally.boot.actuate;

import dev.tally.boot.BridgeOperations;
import dev.tally.boot.TallyBridgeAutoConfiguration;
import org.springframework.boot.actuate.autoconfigure.endpoint.condition.ConditionalOnAvailableEndpoint;
import org.springframework.boot.actuate.endpoint.annotation.Endpoint;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.context.annotation.Bean;

/** The bridges' endpoint, where it is exposed. */
@AutoConfiguration(after = TallyBridgeAutoConfiguration.class)
@ConditionalOnClass({Endpoint.class, ConditionalOnAvailableEndpoint.class})
@ConditionalOnBean(BridgeOperations.class)
public final class TallyBridgesEndpointAutoConfiguration {

    @Bean
    @ConditionalOnMissingBean
    @ConditionalOnAvailableEndpoint
    TallyBridgesEndpoint tallyBridgesEndpoint(BridgeOperations operations) {
        return new TallyBridgesEndpoint(operations);
    }
}
