package dev.tally.boot;

import dev.tally.observation.HalfPrepareObservationConvention;
import dev.tally.observation.MessageObservations;
import dev.tally.observation.MessageProcessObservationConvention;
import dev.tally.observation.MessagePublishObservationConvention;
import dev.tally.transport.Transport;
import io.micrometer.observation.ObservationRegistry;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.context.annotation.Bean;

/** Observations of messages, where the application observes; with its tracing, traces go on through messages. */
@AutoConfiguration(afterName = "dev.tally.boot.transport.TallyTransportsAutoConfiguration")
@ConditionalOnBean(Transport.class)
public final class TallyObservationAutoConfiguration {

    @Bean
    @ConditionalOnMissingBean
    MessageObservations tallyMessageObservations(
            ObjectProvider<ObservationRegistry> registry,
            Transport transport,
            ObjectProvider<MessagePublishObservationConvention> publish,
            ObjectProvider<MessageProcessObservationConvention> process,
            ObjectProvider<HalfPrepareObservationConvention> prepare) {
        return new MessageObservations(
                registry.getIfAvailable(() -> ObservationRegistry.NOOP),
                transport.name(),
                publish.getIfAvailable(),
                process.getIfAvailable(),
                prepare.getIfAvailable());
    }
}
