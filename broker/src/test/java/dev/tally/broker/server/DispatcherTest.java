package dev.tally.broker.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tally.broker.client.ClientCalls;
import dev.tally.broker.net.Connection;
import dev.tally.broker.protocol.Answer;
import dev.tally.broker.protocol.Command;
import dev.tally.broker.protocol.Fields;
import dev.tally.broker.protocol.RequestCode;
import dev.tally.broker.protocol.ResponseCode;
import dev.tally.broker.request.RequestCounts;
import dev.tally.broker.request.RequestGate;
import dev.tally.broker.request.RequestHandler;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class DispatcherTest {

    private final List<CompletableFuture<Answer>> underWay = new ArrayList<>();
    private final FakeConnection connection = new FakeConnection(1);

    private Dispatcher dispatcher(RequestGate gate) {
        RequestHandler handler = (from, request) -> {
            CompletableFuture<Answer> answer = new CompletableFuture<>();
            underWay.add(answer);
            return answer;
        };
        return new Dispatcher(
                Map.of(RequestCode.SEND_MESSAGE, handler, RequestCode.PULL_MESSAGE, handler),
                gate,
                new StorageHealth(InstantSource.system()),
                new ClientCalls(new ScheduledThreadPoolExecutor(1)),
                heard -> {},
                gone -> {});
    }

    private static Command request(int code) {
        return Command.question(code, Fields.none());
    }

    @Test
    void aStopWaitsForRequestsUnderWayAndNotForPullsAndTakesNoMore() {
        Dispatcher dispatcher = dispatcher(RequestGate.OPEN);
        dispatcher.received(connection, request(RequestCode.SEND_MESSAGE));
        dispatcher.received(connection, request(RequestCode.PULL_MESSAGE));

        CompletableFuture<Void> stopped = dispatcher.stop();
        dispatcher.received(connection, request(RequestCode.SEND_MESSAGE));

        assertThat(stopped).isNotDone();
        assertThat(underWay).hasSize(2);
        underWay.get(0).complete(Answer.ok());
        assertThat(stopped).isCompleted();
        assertThat(connection.written()).singleElement().satisfies(answer -> assertThat(answer.code())
                .isZero());
    }

    @Test
    void aRequestThatTheGateRefusesReachesNoHandlerAndIsCounted() {
        CompletableFuture<@Nullable Answer> later = new CompletableFuture<>();
        List<CompletableFuture<@Nullable Answer>> verdicts = new ArrayList<>(
                List.of(CompletableFuture.completedFuture(Answer.refused(ResponseCode.NO_PERMISSION, "no")), later));
        Dispatcher dispatcher = dispatcher(new RequestGate() {
            @Override
            public CompletableFuture<@Nullable Answer> check(Connection from, Command request) {
                return verdicts.remove(0);
            }

            @Override
            public boolean mayBeAsked(Connection producer, String topic) {
                return false;
            }

            @Override
            public void gone(Connection gone) {}
        });
        dispatcher.received(connection, request(RequestCode.SEND_MESSAGE));
        dispatcher.received(connection, request(RequestCode.SEND_MESSAGE));
        assertThat(underWay).isEmpty();
        assertThat(connection.written()).hasSize(1);
        assertThat(dispatcher.counts().all())
                .containsExactly(new RequestCounts.Count(RequestCode.SEND_MESSAGE, ResponseCode.NO_PERMISSION, 1));

        later.complete(null);

        assertThat(underWay).hasSize(1);
    }
}
