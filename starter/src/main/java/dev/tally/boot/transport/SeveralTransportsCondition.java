package dev.tally.boot.transport;

import dev.tally.transport.Transport;
import java.util.Arrays;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.context.annotation.ConditionContext;
import org.springframework.context.annotation.ConfigurationCondition;
import org.springframework.core.type.AnnotatedTypeMetadata;

/** Matches where there is more than one of Tally's transports, and none of the application's own. */
final class SeveralTransportsCondition implements ConfigurationCondition {

    @Override
    public ConfigurationPhase getConfigurationPhase() {
        return ConfigurationPhase.REGISTER_BEAN;
    }

    @Override
    public boolean matches(ConditionContext context, AnnotatedTypeMetadata metadata) {
        ConfigurableListableBeanFactory beans = context.getBeanFactory();
        if (beans == null) {
            return false;
        }
        String[] names = beans.getBeanNamesForType(Transport.class, true, false);
        return names.length > 1 && Arrays.stream(names).allMatch(name -> name.startsWith("tally"));
    }
}
