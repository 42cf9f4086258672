package dev.tally.broker.protocol;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tally.testkit.scenario.Scenario;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Random;
import org.apache.rocketmq.remoting.protocol.LanguageCode;
import org.apache.rocketmq.remoting.protocol.RemotingCommand;
import org.apache.rocketmq.remoting.protocol.SerializeType;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class CommandCodecTest {

    @ParameterizedTest
    @EnumSource(SerializeType.class)
    void readsWhatTheOfficialClientWrites(SerializeType form) {
        RemotingCommand official = RemotingCommand.createRequestCommand(310, null);
        official.setSerializeTypeCurrentRPC(form);
        official.setLanguage(LanguageCode.GO);
        official.setVersion(513);
        official.setRemark("remark ünïcode");
        official.addExtField("a", "group");
        official.addExtField("i", "TAGS\u0001x\u0002");
        official.markOnewayRPC();
        official.setBody("body".getBytes(StandardCharsets.UTF_8));
        ByteBuffer frame = official.encode();
        frame.getInt();

        Command command = CommandCodec.decode(frame);

        assertThat(command.code()).isEqualTo(310);
        assertThat(command.form().name()).isEqualTo(form == SerializeType.JSON ? "JSON" : "BINARY");
        assertThat(command.language()).isEqualTo(LanguageCode.GO.getCode());
        assertThat(command.version()).isEqualTo(513);
        assertThat(command.opaque()).isEqualTo(official.getOpaque());
        assertThat(command.oneWay()).isTrue();
        assertThat(command.response()).isFalse();
        assertThat(command.remark()).isEqualTo("remark ünïcode");
        assertThat(command.fields()).isEqualTo(Fields.of("a", "group", "i", "TAGS\u0001x\u0002"));
        assertThat(StandardCharsets.UTF_8.decode(command.body()).toString()).isEqualTo("body");
    }

    @ParameterizedTest
    @EnumSource(HeaderForm.class)
    void writesWhatTheOfficialClientReads(HeaderForm form) throws Exception {
        Command request = new Command(form, 11, 0, 513, 4711, 0, null, Fields.none(), Command.noBody());
        Answer answer = new Answer(
                0, "it's \"fine\"", Fields.of("nextBeginOffset", 5, "absent", null), ByteBuffer.wrap(new byte[] {1, 2
                }));
        Command response = request.answeredBy(answer);
        ByteBuffer head = CommandCodec.encodeUpToBody(response);
        ByteBuffer frame = ByteBuffer.allocate(head.remaining() + 2)
                .put(head)
                .put(response.body().duplicate())
                .flip();
        assertThat(frame.getInt()).isEqualTo(frame.remaining());

        RemotingCommand official = RemotingCommand.decode(frame.slice());

        assertThat(official.getCode()).isZero();
        assertThat(official.getOpaque()).isEqualTo(4711);
        assertThat(official.isResponseType()).isTrue();
        assertThat(official.getRemark()).isEqualTo("it's \"fine\"");
        assertThat(official.getExtFields()).containsOnly(org.assertj.core.api.Assertions.entry("nextBeginOffset", "5"));
        assertThat(official.getBody()).containsExactly(1, 2);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "no json",
                "[]",
                "{\"code\":",
                "{\"code\":10",
                "{\"code\":\"x\"}",
                "{\"code\":10,\"extFields\":[1]}",
                "{\"code\":10,\"extFields\":{\"a\":{\"b\":1}}}",
                "{\"opaque\":1}"
            })
    void refusesAHeaderThatIsNoJsonHeader(String header) {
        assertThatThrownBy(() -> CommandCodec.decode(frame(0, header.getBytes(StandardCharsets.UTF_8))))
                .isInstanceOf(MalformedFrameException.class);
    }

    @Scenario("broker-42")
    @Test
    void refusesHeaderLengthsAndFieldCountsBeyondTheBounds() {
        assertThatThrownBy(() -> CommandCodec.decode(
                        ByteBuffer.allocate(8).putInt(5).putInt(0).flip()))
                .isInstanceOf(MalformedFrameException.class)
                .hasMessageContaining("Header length 5");
        assertThatThrownBy(() ->
                        CommandCodec.decode(ByteBuffer.allocate(4).putInt(-1).flip()))
                .isInstanceOf(MalformedFrameException.class);
        StringBuilder many = new StringBuilder("{\"code\":10,\"extFields\":{\"a\":\"\"");
        for (int i = 0; i < 5_000; i++) {
            many.append(",\"f").append(i).append("\":\"\"");
        }
        many.append("}}");
        assertThatThrownBy(() -> CommandCodec.decode(frame(0, many.toString().getBytes(StandardCharsets.UTF_8))))
                .isInstanceOf(MalformedFrameException.class)
                .hasMessageContaining("fields");
    }

    @Test
    void answersRandomBytesWithItsOwnExceptionOnly() {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        for (int i = 0; i < 100_000; i++) {
            byte[] header = new byte[random.nextInt(64)];
            random.nextBytes(header);
            ByteBuffer frame = frame(random.nextInt(3), header);
            try {
                CommandCodec.decode(frame);
            } catch (MalformedFrameException expected) {
                assertThat(expected.getMessage()).as("seed %s", seed).isNotEmpty();
            }
        }
    }

    private static ByteBuffer frame(int form, byte[] header) {
        return ByteBuffer.allocate(4 + header.length)
                .putInt(form << 24 | header.length)
                .put(header)
                .flip();
    }
}
