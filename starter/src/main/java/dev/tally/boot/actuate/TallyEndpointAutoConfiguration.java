package dev.tally.boot.actuate;

import dev.tally.audit.AuditLog;
import dev.tally.boot.FurtherDataSources;
import dev.tally.boot.TallyHalfMessageAutoConfiguration;
import dev.tally.half.HalfMessageInspection;
import dev.tally.half.HalfMessagePath;
import dev.tally.half.HandDecisions;
import java.util.ArrayList;
import java.util.List;
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
            ObjectProvider<HalfMessagePath> primary,
            ObjectProvider<FurtherDataSources> further,
            ObjectProvider<HandDecisions> decisions) {
        List<HalfMessagePath> paths = new ArrayList<>();
        primary.ifAvailable(paths::add);
        further.ifAvailable(all -> all.forEach(each -> {
            HalfMessagePath path = each.halfMessages();
            if (path != null) {
                paths.add(path);
            }
        }));
        return new TallyTransactionsEndpoint(inspection, paths, decisions.getIfAvailable());
    }
}
