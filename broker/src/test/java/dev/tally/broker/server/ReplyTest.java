package dev.tally.broker.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tally.broker.client.ClientCalls;
import dev.tally.broker.client.ClientUnreachableException;
import dev.tally.broker.protocol.Command;
import dev.tally.broker.protocol.Fields;
import dev.tally.broker.protocol.HeaderForm;
import dev.tally.broker.protocol.MessageProperties;
import dev.tally.broker.protocol.RequestCode;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class ReplyTest {

    private static final String REPLY_TOPIC = "cluster_REPLY_TOPIC";
    private static final int SYSTEM_ERROR = 1;

    private final HandlerFixture broker = HandlerFixture.opened(Duration.ofSeconds(1));
    private final FakeConnection asker = new FakeConnection(40_001);
    private final FakeConnection replier = new FakeConnection(40_002);

    @AfterEach
    void close() {
        broker.close();
    }

    private void receive(FakeConnection from, int code, int opaque, int flag, ByteBuffer body, Object... fields) {
        broker.core
                .listener()
                .received(
                        from, new Command(HeaderForm.JSON, code, 0, 513, opaque, flag, null, Fields.of(fields), body));
    }

    private static ByteBuffer utf8(String text) {
        return StandardCharsets.UTF_8.encode(text);
    }

    private void askerRegisters() {
        receive(
                asker,
                RequestCode.HEART_BEAT,
                1,
                0,
                utf8("{\"clientID\":\"asker-1\",\"producerDataSet\":[{\"groupName\":\"askers\"}],"
                        + "\"consumerDataSet\":[]}"));
    }

    private void reply(Map<String, String> properties) {
        reply(utf8("the reply"), properties);
    }

    private void reply(ByteBuffer body, Map<String, String> properties) {
        receive(
                replier,
                RequestCode.SEND_REPLY_MESSAGE_V2,
                7,
                0,
                body,
                "a",
                "repliers",
                "b",
                REPLY_TOPIC,
                "d",
                4,
                "e",
                0,
                "f",
                0,
                "g",
                5,
                "h",
                0,
                "i",
                MessageProperties.of(properties).text());
    }

    private List<Command> answers() {
        return replier.written().stream().filter(Command::response).toList();
    }

    private Command push() {
        return asker.written().stream()
                .filter(command -> command.code() == RequestCode.PUSH_REPLY_MESSAGE_TO_CLIENT && !command.response())
                .findFirst()
                .orElseThrow();
    }

    private void askerAnswers(int code) {
        receive(asker, code, push().opaque(), 1, Command.noBody());
    }

    @Test
    void answersTheReplierWhenTheAskerTookTheReply() {
        askerRegisters();
        reply(Map.of("REPLY_TO_CLIENT", "asker-1", "CORRELATION_ID", "c"));

        assertThat(answers()).as("before the asker answers").isEmpty();
        assertThat(HandlerFixture.text(push().body())).isEqualTo("the reply");
        assertThat(push().fields().text("topic")).isEqualTo(REPLY_TOPIC);
        assertThat(push().fields().text("bornHost")).isEqualTo("127.0.0.1:40002");
        assertThat(MessageProperties.of(push().fields().text("properties")).asMap())
                .containsEntry("CORRELATION_ID", "c")
                .containsKey("PUSH_REPLY_TIME");

        askerAnswers(0);

        assertThat(answers()).extracting(Command::code).containsExactly(0);
        assertThat(broker.bodies(REPLY_TOPIC)).containsExactly("the reply");
    }

    @Test
    void aReplyDoesNotChangeWithTheReceiveBufferThatBroughtIt() {
        askerRegisters();
        ByteBuffer received = ByteBuffer.wrap("the reply".getBytes(StandardCharsets.UTF_8));
        reply(received, Map.of("REPLY_TO_CLIENT", "asker-1"));
        Arrays.fill(received.array(), (byte) 0);
        assertThat(HandlerFixture.text(push().body())).isEqualTo("the reply");
    }

    @Test
    void tellsTheReplierWhatTheAskerRefused() {
        askerRegisters();
        reply(Map.of("REPLY_TO_CLIENT", "asker-1"));
        askerAnswers(SYSTEM_ERROR);
        assertThat(answers()).extracting(Command::code).containsExactly(SYSTEM_ERROR);
    }

    @Test
    void tellsTheReplierThatTheAskerDisconnectedMeanwhile() {
        askerRegisters();
        reply(Map.of("REPLY_TO_CLIENT", "asker-1"));
        asker.close();
        broker.core.listener().closed(asker);
        assertThat(answers()).extracting(Command::code).containsExactly(SYSTEM_ERROR);
        assertThat(answers().get(0).remark()).contains("asker-1").contains("disconnected");
    }

    @Test
    void anAskerThatCameBackGetsTheReplyOnItsNewConnection() {
        askerRegisters();
        FakeConnection again = new FakeConnection(40_003);
        receive(
                again,
                RequestCode.HEART_BEAT,
                1,
                0,
                utf8("{\"clientID\":\"asker-1\",\"producerDataSet\":[{\"groupName\":\"askers\"}],"
                        + "\"consumerDataSet\":[]}"));
        asker.close();
        broker.core.listener().closed(asker);

        reply(Map.of("REPLY_TO_CLIENT", "asker-1"));

        assertThat(again.count(RequestCode.PUSH_REPLY_MESSAGE_TO_CLIENT)).isEqualTo(1);
    }

    @Test
    void refusesAReplyForAClientThatNobodyKnows() {
        reply(Map.of("REPLY_TO_CLIENT", "nobody"));
        assertThat(answers()).extracting(Command::code).containsExactly(SYSTEM_ERROR);
        assertThat(answers().get(0).remark()).contains("nobody").contains("not connected");
    }

    @Test
    void givesUpACallThatIsNotAnsweredInTime() {
        ScheduledThreadPoolExecutor scheduler = new ScheduledThreadPoolExecutor(1);
        try {
            CompletableFuture<Command> answer =
                    new ClientCalls(scheduler).call(asker, 326, Fields.none(), Command.noBody(), Duration.ofMillis(50));
            assertThatThrownBy(() -> answer.get(60, TimeUnit.SECONDS))
                    .hasCauseInstanceOf(ClientUnreachableException.class)
                    .hasMessageContaining("did not answer");
        } finally {
            scheduler.shutdownNow();
        }
    }

    @Test
    void anAnswerThatNobodyAskedForChangesNothing() {
        receive(asker, 0, 4711, 1, Command.noBody());
        assertThat(asker.written()).isEmpty();
    }
}
