package dev.tally.transport.rocketmq;

import java.util.function.Function;
import org.apache.rocketmq.remoting.RPCHook;
import org.apache.rocketmq.remoting.protocol.RemotingCommand;
import org.apache.rocketmq.remoting.protocol.RequestCode;
import org.apache.rocketmq.remoting.protocol.header.EndTransactionRequestHeader;
import org.jspecify.annotations.Nullable;

/**
 * Signs requests, and lets answers to check-backs name the topic that they are about. RocketMQ's client names the topic that
 * the broker's question came with, which is the broker's own for half messages: where permissions are asked for, the answer
 * is refused, nobody is told since it is one-way, and after some questions the broker gives the message up.
 *
 * <p>Thread-safe.
 */
final class CheckBackSigning implements RPCHook {

    private final RPCHook signing;
    private final Function<String, @Nullable String> topics;

    /**
     * @param topics the topic of a half message that is asked about, by the client's id of the message
     */
    CheckBackSigning(RPCHook signing, Function<String, @Nullable String> topics) {
        this.signing = signing;
        this.topics = topics;
    }

    @Override
    public void doBeforeRequest(String address, RemotingCommand request) {
        if (request.getCode() == RequestCode.END_TRANSACTION
                && request.readCustomHeader() instanceof EndTransactionRequestHeader end
                && Boolean.TRUE.equals(end.getFromTransactionCheck())) {
            String topic = topics.apply(end.getMsgId());
            if (topic != null) {
                end.setTopic(topic);
            }
        }
        signing.doBeforeRequest(address, request);
    }

    @Override
    public void doAfterResponse(String address, RemotingCommand request, RemotingCommand response) {
        signing.doAfterResponse(address, request, response);
    }
}
