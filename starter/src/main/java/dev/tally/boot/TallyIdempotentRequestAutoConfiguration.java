package dev.tally.boot;

import dev.tally.consume.guard.GuardParts;
import dev.tally.jdbc.BoundedLockWait;
import dev.tally.jdbc.Dialect;
import dev.tally.request.IdempotentRequestFilter;
import dev.tally.request.IdempotentRequestInterceptor;
import dev.tally.request.IdempotentRequestValidator;
import dev.tally.request.RequestKeyScope;
import dev.tally.request.RequestParts;
import jakarta.servlet.DispatcherType;
import jakarta.servlet.Filter;
import javax.sql.DataSource;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnWebApplication;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.boot.web.servlet.FilterRegistrationBean;
import org.springframework.context.annotation.Bean;
import org.springframework.core.Ordered;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.web.servlet.config.annotation.InterceptorRegistry;
import org.springframework.web.servlet.config.annotation.WebMvcConfigurer;

/** HTTP requests that take effect once for each key, on the servlet stack. */
@AutoConfiguration(after = TallyGuardAutoConfiguration.class)
@ConditionalOnClass({WebMvcConfigurer.class, Filter.class})
@ConditionalOnWebApplication(type = ConditionalOnWebApplication.Type.SERVLET)
@ConditionalOnBean(GuardParts.class)
@EnableConfigurationProperties(TallyIdempotentRequestProperties.class)
public final class TallyIdempotentRequestAutoConfiguration {

    @Bean
    @ConditionalOnMissingBean
    RequestParts tallyRequestParts(
            GuardParts guards,
            DataSource dataSource,
            Dialect dialect,
            ObjectProvider<RequestKeyScope> scope,
            TallyIdempotentRequestProperties properties) {
        return new RequestParts(
                guards.inbox(),
                guards.replies(),
                guards.transactions(),
                guards.attributes(),
                new JdbcTemplate(dataSource),
                new BoundedLockWait(dialect, properties.lockWait()),
                scope.getIfAvailable(() -> RequestKeyScope::userOf),
                guards.mapper(),
                guards.clock(),
                guards.listener(),
                Math.toIntExact(properties.largestBody().toBytes()));
    }

    @Bean
    static IdempotentRequestValidator tallyIdempotentRequestValidator(
            ConfigurableListableBeanFactory beanFactory, ObjectProvider<RequestParts> parts) {
        return new IdempotentRequestValidator(beanFactory, parts::getObject);
    }

    /** Late, so that users are known and what changes responses lies around it. */
    @Bean
    static FilterRegistrationBean<IdempotentRequestFilter> tallyIdempotentRequestFilter(
            ObjectProvider<RequestParts> parts, IdempotentRequestValidator validator) {
        FilterRegistrationBean<IdempotentRequestFilter> registration =
                new FilterRegistrationBean<>(new IdempotentRequestFilter(parts::getObject, validator::headers));
        registration.setOrder(Ordered.LOWEST_PRECEDENCE - 10);
        registration.setDispatcherTypes(DispatcherType.REQUEST);
        return registration;
    }

    @Bean
    static WebMvcConfigurer tallyIdempotentRequestConfigurer(ObjectProvider<RequestParts> parts) {
        return new WebMvcConfigurer() {
            @Override
            public void addInterceptors(InterceptorRegistry registry) {
                // The last one: a reply is repeated only to whom all others let pass.
                registry.addInterceptor(new IdempotentRequestInterceptor(parts::getObject))
                        .order(Ordered.LOWEST_PRECEDENCE);
            }
        };
    }
}
