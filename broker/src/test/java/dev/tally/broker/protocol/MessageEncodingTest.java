package dev.tally.broker.protocol;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.apache.rocketmq.common.message.Message;
import org.apache.rocketmq.common.message.MessageDecoder;
import org.apache.rocketmq.common.message.MessageExt;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class MessageEncodingTest {

    @ParameterizedTest
    @CsvSource({
        "127.0.0.1, 10.1.2.3, orders",
        "::1, 127.0.0.1, orders",
        "127.0.0.1, fe80::1, orders",
        "127.0.0.1, 127.0.0.1, LONG"
    })
    void isReadByTheOfficialDecoderWithWhatIsKnownOnlyLater(String born, String stored, String name) throws Exception {
        String topic = name.equals("LONG") ? "%RETRY%" + "x".repeat(200) : name;
        WireMessage message = new WireMessage(
                topic,
                3,
                77,
                0,
                1_000,
                new InetSocketAddress(InetAddress.getByName(born), 4321),
                2_000,
                new InetSocketAddress(InetAddress.getByName(stored), 9876),
                2,
                ByteBuffer.wrap("payload".getBytes(StandardCharsets.UTF_8)),
                MessageProperties.of(Map.of("TAGS", "red", "KEYS", "k 1")));
        ByteBuffer encoded = MessageEncoding.encode(message);
        ByteBuffer out = ByteBuffer.allocate(encoded.remaining());
        MessageEncoding.appendStored(out, encoded, 42, 123_456_789_012L, 3_000, SysFlag.COMMITTED);

        MessageExt official = MessageDecoder.decode(out.flip(), true, true, false, false, true);

        assertThat(official.getTopic()).isEqualTo(topic);
        assertThat(official.getQueueId()).isEqualTo(3);
        assertThat(official.getFlag()).isEqualTo(77);
        assertThat(official.getQueueOffset()).isEqualTo(42);
        assertThat(official.getCommitLogOffset()).isEqualTo(123_456_789_012L);
        assertThat(SysFlag.withTransaction(official.getSysFlag(), 0) & SysFlag.ROLLED_BACK)
                .isZero();
        assertThat(official.getSysFlag() & SysFlag.ROLLED_BACK).isEqualTo(SysFlag.COMMITTED);
        assertThat(official.getBornTimestamp()).isEqualTo(1_000);
        assertThat(official.getBornHost()).isEqualTo(message.bornHost());
        assertThat(official.getStoreTimestamp()).isEqualTo(3_000);
        assertThat(official.getStoreHost()).isEqualTo(message.storeHost());
        assertThat(official.getReconsumeTimes()).isEqualTo(2);
        assertThat(official.getBody()).isEqualTo("payload".getBytes(StandardCharsets.UTF_8));
        assertThat(official.getTags()).isEqualTo("red");
        assertThat(official.getKeys()).isEqualTo("k 1");
        String id = OffsetMessageId.format(message.storeHost(), 123_456_789_012L);
        assertThat(official.getMsgId()).isEqualTo(id);
        assertThat(MessageDecoder.decodeMessageId(id).getOffset()).isEqualTo(123_456_789_012L);
        assertThat(OffsetMessageId.position(id)).isEqualTo(123_456_789_012L);
        WireMessage back = MessageEncoding.decode(encoded);
        assertThat(back.topic()).isEqualTo(topic);
        assertThat(back.bornHost()).isEqualTo(message.bornHost());
        assertThat(back.properties()).isEqualTo(message.properties());
        assertThat(back.reconsumeTimes()).isEqualTo(2);
    }

    @Test
    void doesNotChangeTheStoredBytesWhenHandingThemOut() throws Exception {
        InetSocketAddress host = new InetSocketAddress(InetAddress.getLoopbackAddress(), 1);
        ByteBuffer stored = MessageEncoding.encode(new WireMessage(
                "t", 0, 0, 0, 0, host, 0, host, 0, ByteBuffer.wrap(new byte[] {1}), MessageProperties.of(Map.of())));
        byte[] before = stored.array().clone();
        MessageEncoding.appendStored(ByteBuffer.allocate(200), stored.asReadOnlyBuffer(), 9, 9, 9, SysFlag.PREPARED);
        assertThat(stored.array()).isEqualTo(before);
    }

    @Test
    void refusesPropertiesThatTheEncodingCannotCarry() {
        InetSocketAddress host = new InetSocketAddress(InetAddress.getLoopbackAddress(), 1);
        WireMessage message = new WireMessage(
                "t",
                0,
                0,
                0,
                0,
                host,
                0,
                host,
                0,
                ByteBuffer.wrap(new byte[1]),
                MessageProperties.of(Map.of("k", "v".repeat(40_000))));
        assertThatThrownBy(() -> MessageEncoding.encode(message))
                .isInstanceOf(MalformedCommandException.class)
                .hasMessageContaining("Properties");
    }

    @Test
    void readsTheBatchesOfTheOfficialClient() {
        Message first = new Message("t", "red", "one".getBytes(StandardCharsets.UTF_8));
        first.setFlag(5);
        Message second = new Message("t", "two".getBytes(StandardCharsets.UTF_8));
        byte[] body = MessageDecoder.encodeMessages(List.of(first, second));

        List<BatchBody.Entry> entries = BatchBody.decode(ByteBuffer.wrap(body));

        assertThat(entries).hasSize(2);
        assertThat(entries.get(0).flag()).isEqualTo(5);
        assertThat(entries.get(0).properties().get("TAGS")).isEqualTo("red");
        assertThat(StandardCharsets.UTF_8.decode(entries.get(1).body()).toString())
                .isEqualTo("two");
        for (int cut = 1; cut < body.length; cut++) {
            ByteBuffer torn = ByteBuffer.wrap(body, 0, cut);
            if (cut != MessageDecoder.encodeMessage(first).length) {
                assertThatThrownBy(() -> BatchBody.decode(torn)).isInstanceOf(MalformedCommandException.class);
            }
        }
    }

    @Test
    void filtersByTheHashThatTheOfficialClientComputes() {
        assertThat(TagFilter.of("*").test(0)).isTrue();
        assertThat(TagFilter.of(" red || blue ").test("red".hashCode())).isTrue();
        assertThat(TagFilter.of("red||blue").test("blue".hashCode())).isTrue();
        assertThat(TagFilter.of("red||blue").test("green".hashCode())).isFalse();
        assertThat(TagFilter.of("red").test(TagFilter.hashOf(null))).isFalse();
        assertThatThrownBy(() -> TagFilter.of(" || ")).isInstanceOf(MalformedCommandException.class);
    }
}
