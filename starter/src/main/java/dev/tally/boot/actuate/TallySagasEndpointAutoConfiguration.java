package dev.tally.boot.actuate;

import dev.tally.boot.saga.SagaAccess;
import dev.tally.boot.saga.TallySagaAutoConfiguration;
import org.springframework.boot.actuate.autoconfigure.endpoint.condition.ConditionalOnAvailableEndpoint;
import org.springframework.boot.actuate.endpoint.annotation.Endpoint;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.context.annotation.Bean;

/** The sagas' actuator endpoint, where it is exposed. */
@AutoConfiguration(after = TallySagaAutoConfiguration.class)
@ConditionalOnClass({Endpoint.class, ConditionalOnAvailableEndpoint.class})
@ConditionalOnBean(SagaAccess.class)
public final class TallySagasEndpointAutoConfiguration {

    @Bean
    @ConditionalOnMissingBean
    @ConditionalOnAvailableEndpoint
    TallySagasEndpoint tallySagasEndpoint(SagaAccess sagas) {
        return new TallySagasEndpoint(sagas);
    }
}
