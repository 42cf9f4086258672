package dev.tally.transport;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class CapabilityTest {

    @Test
    void saysWhoLacksItAndWhoHasIt() {
        assertThat(Capability.HALF_MESSAGES.missingFrom("kafka"))
                .isEqualTo("transport 'kafka' has no HALF_MESSAGES; rocketmq has it");
        assertThat(Capability.REPLAY.missingFrom("pulsar"))
                .isEqualTo(
                        "transport 'pulsar' has no REPLAY as it is configured; rocketmq, kafka, redis, pulsar have it");
    }
}
