package dev.tally.transport.rocketmq.real;

import java.nio.file.Path;
import org.apache.rocketmq.common.MixAll;
import org.apache.rocketmq.common.namesrv.NamesrvConfig;
import org.apache.rocketmq.namesrv.NamesrvController;
import org.apache.rocketmq.remoting.netty.NettyServerConfig;
import org.apache.rocketmq.remoting.protocol.route.TopicRouteData;

/** A real RocketMQ name server inside this JVM, on the loopback address. */
final class RealNameServer {

    private final NamesrvController controller;
    private final int port;

    private RealNameServer(NamesrvController controller, int port) {
        this.controller = controller;
        this.port = port;
    }

    static RealNameServer start(Path directory, int port) throws Exception {
        NamesrvConfig config = new NamesrvConfig();
        config.setRocketmqHome(directory.toString());
        config.setKvConfigPath(directory.resolve("kvConfig.json").toString());
        config.setConfigStorePath(directory.resolve("namesrv.properties").toString());
        NettyServerConfig server = new NettyServerConfig();
        server.setBindAddress("127.0.0.1");
        server.setListenPort(port);
        NamesrvController controller = new NamesrvController(config, server);
        if (!controller.initialize()) {
            throw new IllegalStateException("The RocketMQ name server did not initialize in " + directory);
        }
        controller.start();
        return new RealNameServer(controller, port);
    }

    String address() {
        return "127.0.0.1:" + port;
    }

    /** Whether a broker of the topic takes writes. */
    boolean hasMaster(String topic) {
        TopicRouteData route = controller.getRouteInfoManager().pickupTopicRouteData(topic);
        return route != null
                && route.getBrokerDatas().stream()
                        .anyMatch(broker -> broker.getBrokerAddrs().containsKey(MixAll.MASTER_ID));
    }

    boolean knowsTopic(String topic) {
        return controller.getRouteInfoManager().pickupTopicRouteData(topic) != null;
    }
}
