package dev.tally.transport.rocketmq;

import dev.tally.testkit.FreePorts;
import io.netty.channel.ChannelHandlerContext;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Function;
import org.apache.rocketmq.common.MixAll;
import org.apache.rocketmq.remoting.netty.NettyRemotingServer;
import org.apache.rocketmq.remoting.netty.NettyRequestProcessor;
import org.apache.rocketmq.remoting.netty.NettyServerConfig;
import org.apache.rocketmq.remoting.protocol.RemotingCommand;
import org.apache.rocketmq.remoting.protocol.RequestCode;
import org.apache.rocketmq.remoting.protocol.ResponseCode;
import org.apache.rocketmq.remoting.protocol.body.ClusterInfo;
import org.apache.rocketmq.remoting.protocol.route.BrokerData;

/** A name server that lists brokers, each of which answers what its test says; all of them at ports of this JVM. */
final class ScriptedBrokers implements AutoCloseable {

    private final Map<String, Scripted> brokers = new ConcurrentHashMap<>();
    private Scripted nameServer;

    /** A server at a port of its own. */
    private static final class Scripted implements NettyRequestProcessor {

        private final NettyRemotingServer server;
        private final ExecutorService threads = Executors.newSingleThreadExecutor();
        private final int port;
        private volatile Function<RemotingCommand, RemotingCommand> script;

        Scripted(Function<RemotingCommand, RemotingCommand> script) throws Exception {
            this.script = script;
            this.port = FreePorts.next();
            NettyServerConfig config = new NettyServerConfig();
            config.setBindAddress("127.0.0.1");
            config.setListenPort(port);
            server = new NettyRemotingServer(config);
            server.registerDefaultProcessor(this, threads);
            server.start();
        }

        @Override
        public RemotingCommand processRequest(ChannelHandlerContext context, RemotingCommand request) {
            RemotingCommand answer = script.apply(request);
            answer.setOpaque(request.getOpaque());
            return answer;
        }

        @Override
        public boolean rejectRequest() {
            return false;
        }

        String address() {
            return "127.0.0.1:" + port;
        }

        void close() {
            server.shutdown();
            threads.shutdownNow();
        }
    }

    void start() throws Exception {
        nameServer = new Scripted(request -> request.getCode() == RequestCode.GET_BROKER_CLUSTER_INFO
                ? success(cluster().toJson())
                : refusal(ResponseCode.TOPIC_NOT_EXIST));
    }

    String nameServer() {
        return nameServer.address();
    }

    private ClusterInfo cluster() {
        HashMap<String, BrokerData> table = new HashMap<>();
        brokers.forEach((name, broker) -> {
            HashMap<Long, String> members = new HashMap<>(Map.of(MixAll.MASTER_ID, broker.address()));
            table.put(name, new BrokerData("cluster", name, members));
        });
        ClusterInfo cluster = new ClusterInfo();
        cluster.setBrokerAddrTable(table);
        return cluster;
    }

    /** One of Tally's, whose oldest half message has that age; {@code null} for none. */
    void tally(String name, Duration oldest) {
        put(name, request -> {
            RemotingCommand answer = success(null);
            if (oldest != null) {
                answer.addExtField("ageMillis", Long.toString(oldest.toMillis()));
            }
            return request.getCode() == HorizonInspector.OLDEST_HALF_MESSAGE
                    ? answer
                    : refusal(ResponseCode.NO_PERMISSION);
        });
    }

    /** One of RocketMQ's with that configuration. */
    void rocketMq(String name, String configuration) {
        rocketMq(name, configuration, ResponseCode.SUCCESS);
    }

    /** One of RocketMQ's that answers the question for its configuration with a code. */
    void rocketMq(String name, String configuration, int code) {
        put(name, request -> {
            if (request.getCode() != RequestCode.GET_BROKER_CONFIG) {
                return refusal(ResponseCode.REQUEST_CODE_NOT_SUPPORTED);
            }
            return code == ResponseCode.SUCCESS ? success(configuration) : refusal(code);
        });
    }

    /** One that refuses everything. */
    void refusing(String name, int code) {
        put(name, request -> refusal(code));
    }

    private void put(String name, Function<RemotingCommand, RemotingCommand> script) {
        Scripted known = brokers.get(name);
        if (known != null) {
            known.script = script;
            return;
        }
        try {
            brokers.put(name, new Scripted(script));
        } catch (Exception e) {
            throw new IllegalStateException("Cannot start broker " + name, e);
        }
    }

    void remove(String name) {
        brokers.remove(name).close();
    }

    private static RemotingCommand success(String body) {
        RemotingCommand answer = RemotingCommand.createResponseCommand(ResponseCode.SUCCESS, null);
        if (body != null) {
            answer.setBody(body.getBytes(StandardCharsets.UTF_8));
        }
        return answer;
    }

    private static RemotingCommand refusal(int code) {
        return RemotingCommand.createResponseCommand(code, "by the script");
    }

    @Override
    public void close() {
        brokers.values().forEach(Scripted::close);
        brokers.clear();
        nameServer.close();
    }
}
