package dev.tally.boot.transport.choice;

import dev.tally.transport.Transport;
import java.util.Arrays;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.boot.autoconfigure.condition.ConditionMessage;
import org.springframework.boot.autoconfigure.condition.ConditionOutcome;
import org.springframework.boot.autoconfigure.condition.SpringBootCondition;
import org.springframework.context.annotation.ConditionContext;
import org.springframework.context.annotation.ConfigurationCondition;
import org.springframework.core.type.AnnotatedTypeMetadata;
import org.springframework.util.ClassUtils;

/** Compares a transport's name with what the application has chosen. */
final class OnTransportCondition extends SpringBootCondition implements ConfigurationCondition {

    /** The names of Tally's own beans; a transport under another name is the application's. */
    private static final String OWN = "tally";

    @Override
    public ConfigurationPhase getConfigurationPhase() {
        return ConfigurationPhase.REGISTER_BEAN;
    }

    @Override
    public ConditionOutcome getMatchOutcome(ConditionContext context, AnnotatedTypeMetadata metadata) {
        Map<String, Object> attributes = metadata.getAnnotationAttributes(ConditionalOnTransport.class.getName());
        String name = attributes == null ? "" : String.valueOf(attributes.get("value"));
        ConditionMessage.Builder message = ConditionMessage.forCondition(ConditionalOnTransport.class, name);
        if (hasTransportOfItsOwn(context.getBeanFactory())) {
            return ConditionOutcome.noMatch(message.because("the application has a transport of its own"));
        }
        TransportChoice choice = TransportChoice.of(
                context.getEnvironment(), type -> ClassUtils.isPresent(type, context.getClassLoader()));
        boolean wanted = choice.names().contains(name);
        return new ConditionOutcome(wanted, message.because("in use are " + choice.names()));
    }

    private static boolean hasTransportOfItsOwn(@Nullable ConfigurableListableBeanFactory beans) {
        return beans != null
                && Arrays.stream(beans.getBeanNamesForType(Transport.class, true, false))
                        .anyMatch(bean -> !bean.startsWith(OWN));
    }
}
