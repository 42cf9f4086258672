package dev.tally.transport.rocketmq;

import dev.tally.transport.client.TransportThreads;
import java.util.concurrent.atomic.AtomicBoolean;
import org.apache.rocketmq.remoting.RPCHook;
import org.apache.rocketmq.remoting.protocol.RemotingCommand;
import org.apache.rocketmq.remoting.protocol.ResponseCode;

/**
 * Tells brokers the subscriptions of this client when one of them says that it knows older ones only. RocketMQ's client tells
 * them by a heartbeat when a rebalance has changed its queues, but leaves that out while another heartbeat is under way, as
 * the first one often is, a second after its start; then brokers refuse its pulls until the next one, 30 s later.
 * Thread-safe.
 */
final class SubscriptionRefresh implements RPCHook {

    private final Runnable heartbeat;
    private final AtomicBoolean underWay = new AtomicBoolean();

    /** @param heartbeat sends one to all brokers, and waits for them */
    SubscriptionRefresh(Runnable heartbeat) {
        this.heartbeat = heartbeat;
    }

    @Override
    public void doBeforeRequest(String address, RemotingCommand request) {}

    @Override
    public void doAfterResponse(String address, RemotingCommand request, RemotingCommand response) {
        if (response.getCode() == ResponseCode.SUBSCRIPTION_NOT_LATEST && underWay.compareAndSet(false, true)) {
            // Answers are handled by threads that the heartbeat's own answers need.
            TransportThreads.daemon("tally-rocketmq-heartbeat", this::send).start();
        }
    }

    private void send() {
        try {
            heartbeat.run();
        } finally {
            underWay.set(false);
        }
    }
}
