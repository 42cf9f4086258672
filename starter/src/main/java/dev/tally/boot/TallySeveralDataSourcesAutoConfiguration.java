package dev.tally.boot;

import dev.tally.boot.diagnostics.DataSourcesException;
import dev.tally.boot.diagnostics.UnwiredAnnotationsCheck;
import dev.tally.publish.MessagePublisher;
import java.util.List;
import javax.sql.DataSource;
import org.springframework.beans.factory.InitializingBean;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.AnyNestedCondition;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnSingleCandidate;
import org.springframework.boot.autoconfigure.condition.NoneNestedConditions;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Conditional;
import org.springframework.context.annotation.Lazy;
import org.springframework.transaction.PlatformTransactionManager;

/**
 * Where there are several data sources or transaction managers and none is primary, most of Tally is not there. Whoever
 * wants it is told why, at start-up.
 */
@AutoConfiguration(after = {TallyPublishingAutoConfiguration.class, TallyConsumerAutoConfiguration.class})
@ConditionalOnBean(DataSource.class)
@Conditional(TallySeveralDataSourcesAutoConfiguration.NonePrimary.class)
public final class TallySeveralDataSourcesAutoConfiguration {

    @Bean
    UnwiredAnnotationsCheck tallyUnwiredAnnotationsCheck(ConfigurableListableBeanFactory beanFactory) {
        return new UnwiredAnnotationsCheck(beanFactory);
    }

    @Bean
    InitializingBean tallyFurtherDataSourcesCheck(
            UnwiredAnnotationsCheck check, ObjectProvider<TallyDataSource> declared) {
        return () -> {
            List<String> names = declared.stream().map(TallyDataSource::name).toList();
            if (!names.isEmpty()) {
                throw check.ofFurther(names);
            }
        };
    }

    /** Created for who injects it only. */
    @Bean
    @Lazy
    @ConditionalOnMissingBean
    MessagePublisher tallyMissingMessagePublisher(UnwiredAnnotationsCheck check) {
        DataSourcesException failure = check.ofPublisher();
        throw failure;
    }

    /** Not one candidate of both. */
    static final class NonePrimary extends AnyNestedCondition {

        NonePrimary() {
            super(ConfigurationPhase.REGISTER_BEAN);
        }

        @Conditional(SeveralDataSources.class)
        static final class OfDataSources {}

        @Conditional(SeveralManagers.class)
        static final class OfManagers {}
    }

    static final class SeveralDataSources extends NoneNestedConditions {

        SeveralDataSources() {
            super(ConfigurationPhase.REGISTER_BEAN);
        }

        @ConditionalOnSingleCandidate(DataSource.class)
        static final class One {}
    }

    static final class SeveralManagers extends NoneNestedConditions {

        SeveralManagers() {
            super(ConfigurationPhase.REGISTER_BEAN);
        }

        @ConditionalOnSingleCandidate(PlatformTransactionManager.class)
        static final class One {}
    }
}
