package dev.tally.transport.rocketmq;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tally.message.Headers;
import org.apache.rocketmq.common.message.MessageExt;
import org.junit.jupiter.api.Test;

/** Headers that only mean something where Tally has written them. */
class ForeignHeadersTest {

    private final MessageTranslation translation = new MessageTranslation(1_000_000);

    private static MessageExt wire() {
        MessageExt wire = new MessageExt();
        wire.setTopic("orders");
        wire.setMsgId("AC1100010000");
        wire.setBody(new byte[] {1});
        wire.putUserProperty(Headers.STORED_AT, "1000");
        return wire;
    }

    @Test
    void aTimeOfStorageCountsOnlyFromTally() {
        MessageExt ours = wire();
        ours.putUserProperty(MessageTranslation.ID, "m-1");

        assertThat(translation.fromWire(ours).headers().get(Headers.STORED_AT)).isEqualTo("1000");
        assertThat(translation.fromWire(wire()).headers().get(Headers.STORED_AT))
                .isNull();
    }
}
