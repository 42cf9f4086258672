package dev.tally.transport.rocketmq;

import org.apache.rocketmq.remoting.RPCHook;
import org.apache.rocketmq.remoting.protocol.RemotingCommand;
import org.apache.rocketmq.remoting.protocol.SerializeType;

/**
 * Lets requests have RocketMQ's binary headers instead of JSON, which is its client's default: both sides write and read them
 * in less time. Servers answer in the form in which they were asked. Who chose a form for all clients of this process, by the
 * system property or the environment variable of RocketMQ's, gets that. Binary headers have 16 bits for a request's code;
 * what has a larger one stays JSON. Thread-safe.
 */
final class BinaryHeaders implements RPCHook {

    private static final boolean CHOSEN = System.getProperty(RemotingCommand.SERIALIZE_TYPE_PROPERTY) != null
            || System.getenv(RemotingCommand.SERIALIZE_TYPE_ENV) != null;

    @Override
    public void doBeforeRequest(String address, RemotingCommand request) {
        if (!CHOSEN && request.getCode() <= Short.MAX_VALUE) {
            request.setSerializeTypeCurrentRPC(SerializeType.ROCKETMQ);
        }
    }

    @Override
    public void doAfterResponse(String address, RemotingCommand request, RemotingCommand response) {}
}
