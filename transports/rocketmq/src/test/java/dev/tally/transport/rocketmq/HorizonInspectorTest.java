package dev.tally.transport.rocketmq;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tally.half.HalfMessagesUnavailableException;
import java.time.Duration;
import java.util.UUID;
import org.apache.rocketmq.remoting.protocol.ResponseCode;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Brokers of all kinds, as far as this question goes, and what becomes known of them. */
class HorizonInspectorTest {

    private static final Duration GIVEN = Duration.ofHours(72);

    private final ScriptedBrokers brokers = new ScriptedBrokers();
    private RocketMqTransport transport;

    @BeforeEach
    void start() throws Exception {
        brokers.start();
        transport = new RocketMqTransport(RocketMqSettings.builder(
                        brokers.nameServer(), "askers", UUID.randomUUID().toString())
                .sendTimeout(Duration.ofSeconds(20))
                .checkHorizon(GIVEN)
                .build());
    }

    @AfterEach
    void stop() {
        transport.close();
        brokers.close();
    }

    @Test
    void isTheLongestOfAllMasters() {
        brokers.tally("one", Duration.ofHours(5));
        brokers.rocketMq("two", "fileReservedTime=48");
        brokers.rocketMq("three", "fileReservedTime=24");
        assertThat(transport.ofOldestQuestion()).isEqualTo(Duration.ofHours(48));

        brokers.tally("one", Duration.ofHours(50));
        assertThat(transport.ofOldestQuestion()).isEqualTo(Duration.ofHours(50));

        brokers.tally("one", null);
        assertThat(transport.ofOldestQuestion()).isEqualTo(Duration.ofHours(48));
    }

    @Test
    void isTheConfiguredOneWhereABrokerMayNotOrDoesNotTell() {
        brokers.rocketMq("forbidding", null, ResponseCode.NO_PERMISSION);
        assertThat(transport.ofOldestQuestion()).isEqualTo(GIVEN);

        brokers.rocketMq("unable", null, ResponseCode.REQUEST_CODE_NOT_SUPPORTED);
        brokers.rocketMq("strange", "x=y");
        assertThat(transport.ofOldestQuestion()).isEqualTo(GIVEN);

        brokers.rocketMq("longer", "fileReservedTime=96");
        assertThat(transport.ofOldestQuestion()).isEqualTo(Duration.ofHours(96));
    }

    @Test
    void isUnknownWithoutANameServerWithoutABrokerAndWhereABrokerIsTooBusyToAnswer() {
        assertUnknown("knows no broker");

        brokers.rocketMq("busy", null, ResponseCode.SYSTEM_BUSY);
        assertUnknown("busy");

        brokers.close();
        assertUnknown("name server");
    }

    @Test
    void isUnknownWhileABrokerOfTallyIsAwayThatWasThere() {
        brokers.tally("ours", null);
        brokers.rocketMq("theirs", "fileReservedTime=48");
        assertThat(transport.ofOldestQuestion()).isEqualTo(Duration.ofHours(48));

        brokers.remove("ours");
        assertUnknown("broker ours");

        brokers.refusing("ours", ResponseCode.NO_PERMISSION);
        assertUnknown("broker ours");

        brokers.tally("ours", Duration.ofHours(1));
        assertThat(transport.ofOldestQuestion()).isEqualTo(Duration.ofHours(48));
    }

    @Test
    void rememberedPoliciesHoldWhileTheirBrokersAreAway() {
        brokers.rocketMq("long", "fileReservedTime=240");
        brokers.rocketMq("short", "fileReservedTime=24");
        assertThat(transport.ofOldestQuestion()).isEqualTo(Duration.ofHours(240));

        brokers.remove("long");
        assertThat(transport.ofOldestQuestion()).isEqualTo(Duration.ofHours(240));
    }

    @Test
    void countsABrokerThatIsReachedLater() {
        brokers.rocketMq("first", "fileReservedTime=24");
        assertThat(transport.ofOldestQuestion()).isEqualTo(Duration.ofHours(24));

        brokers.rocketMq("second", "fileReservedTime=72");
        assertThat(transport.ofOldestQuestion()).isEqualTo(Duration.ofHours(72));
    }

    private void assertUnknown(String reason) {
        assertThatThrownBy(transport::ofOldestQuestion)
                .isInstanceOf(HalfMessagesUnavailableException.class)
                .hasMessageContaining("askers")
                .hasMessageContaining(reason);
    }
}
