package dev.tally.boot.actuate;

import dev.tally.audit.AuditLog;
import dev.tally.boot.TallyHalfMessageAutoConfiguration;
import dev.tally.half.HalfMessageInspection;
import dev.tally.half.HalfMessagePath;
import dev.tally.half.HandDecisions;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.actuate.autoconfigure.endpoint.condition.ConditionalOnAvailableEndpoint;
import org.springframework.boot.actuate.endpoint.annotation.Endpoint;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.context.annotation.Bean;

/** Tally's actuator endpoints, where they are exposed. */
@AutoConfiguration(after = TallyHalfMessageAutoConfiguration.class)
@ConditionalOnClass({Endpoint.class, ConditionalOnAvailableEndpoint.class})
@ConditionalOnBean({HalfMessageInspection.class, AuditLog.class})
public final class TallyEndpointAutoConfiguration {

    @Bean
    @ConditionalOnMissingBean
    @ConditionalOnAvailableEndpoint
    TallyTransactionsEndpoint tallyTransactionsEndpoint(
            HalfMessageInspection inspection,
            ObjectProvider<HalfMessagePath> path,
            ObjectProvider<HandDecisions> decisions) {
        return new TallyTransactionsEndpoint(inspection, path.getIfAvailable(), decisions.getIfAvailable());
    }
}
