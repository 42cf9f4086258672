package dev.tally.boot;

import dev.tally.outbox.bridge.Peer;
import java.util.Locale;
import java.util.Set;
import org.springframework.context.annotation.Condition;
import org.springframework.context.annotation.ConditionContext;
import org.springframework.core.env.Environment;
import org.springframework.core.type.AnnotatedTypeMetadata;

/** Whether any bridge is configured. */
final class BridgeConfiguredCondition implements Condition {

    // What YAML makes of an unquoted off.
    private static final Set<String> OFF = Set.of("", "off", "false");

    @Override
    public boolean matches(ConditionContext context, AnnotatedTypeMetadata metadata) {
        Environment environment = context.getEnvironment();
        return Peer.NAMES.stream()
                .map(bridge -> environment.getProperty("tally.outbox.bridge." + bridge + ".mode", ""))
                .anyMatch(mode -> !OFF.contains(mode.strip().toLowerCase(Locale.ROOT)));
    }
}
