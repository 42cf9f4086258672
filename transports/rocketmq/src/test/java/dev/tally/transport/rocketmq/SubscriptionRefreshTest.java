package dev.tally.transport.rocketmq;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.rocketmq.remoting.protocol.RemotingCommand;
import org.apache.rocketmq.remoting.protocol.RequestCode;
import org.apache.rocketmq.remoting.protocol.ResponseCode;
import org.junit.jupiter.api.Test;

class SubscriptionRefreshTest {

    private final CountDownLatch goOn = new CountDownLatch(1);
    private final AtomicInteger heartbeats = new AtomicInteger();
    private final SubscriptionRefresh refresh = new SubscriptionRefresh(() -> {
        heartbeats.incrementAndGet();
        try {
            assertThat(goOn.await(30, TimeUnit.SECONDS)).isTrue();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    });

    private void answer(int code) {
        RemotingCommand pull = RemotingCommand.createRequestCommand(RequestCode.PULL_MESSAGE, null);
        refresh.doAfterResponse("127.0.0.1:1", pull, RemotingCommand.createResponseCommand(code, null));
    }

    @Test
    void sendsOneHeartbeatAtATimeWhereABrokerKnowsAnOlderSubscription() {
        answer(ResponseCode.PULL_NOT_FOUND);
        answer(ResponseCode.SUBSCRIPTION_NOT_LATEST);
        answer(ResponseCode.SUBSCRIPTION_NOT_LATEST);
        await().until(() -> heartbeats.get() == 1);
        goOn.countDown();

        await().until(() -> {
            answer(ResponseCode.SUBSCRIPTION_NOT_LATEST);
            return heartbeats.get() == 2;
        });
    }
}
