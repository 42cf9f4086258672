package dev.tally.boot.actuate;

import dev.tally.boot.DeadLetterPlaces;
import dev.tally.boot.TallyDeadLetterAutoConfiguration;
import org.springframework.boot.actuate.autoconfigure.endpoint.condition.ConditionalOnAvailableEndpoint;
import org.springframework.boot.actuate.endpoint.annotation.Endpoint;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.context.annotation.Bean;

/** The dead letters' actuator endpoint, where it is exposed. */
@AutoConfiguration(after = TallyDeadLetterAutoConfiguration.class)
@ConditionalOnClass({Endpoint.class, ConditionalOnAvailableEndpoint.class})
@ConditionalOnBean(DeadLetterPlaces.class)
public final class TallyDeadLettersEndpointAutoConfiguration {

    @Bean
    @ConditionalOnMissingBean
    @ConditionalOnAvailableEndpoint
    TallyDeadLettersEndpoint tallyDeadLettersEndpoint(DeadLetterPlaces places) {
        return new TallyDeadLettersEndpoint(places);
    }
}
