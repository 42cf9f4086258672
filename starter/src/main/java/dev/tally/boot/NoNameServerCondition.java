package dev.tally.boot;

import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.boot.autoconfigure.condition.NoneNestedConditions;

/** Matches where no RocketMQ cluster is configured. */
final class NoNameServerCondition extends NoneNestedConditions {

    NoNameServerCondition() {
        super(ConfigurationPhase.PARSE_CONFIGURATION);
    }

    @ConditionalOnProperty("rocketmq.name-server")
    static final class NameServer {}
}
