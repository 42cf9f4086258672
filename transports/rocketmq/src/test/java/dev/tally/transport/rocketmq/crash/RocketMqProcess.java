package dev.tally.transport.rocketmq.crash;

import dev.tally.transport.rocketmq.real.RealRocketMq;
import java.nio.file.Path;

/**
 * RocketMQ's name server and broker as one process to be killed, with a directory, the name server's port and the
 * broker's. It ends when its input does.
 */
public final class RocketMqProcess {

    private RocketMqProcess() {}

    /** Runs it. */
    public static void main(String[] arguments) throws Exception {
        try {
            RealRocketMq started = RealRocketMq.start(
                    Path.of(arguments[0]), Integer.parseInt(arguments[1]), Integer.parseInt(arguments[2]));
            started.createTopic(CrashingService.TOPIC, 4);
            System.out.println("ready on " + started.nameServerAddress());
            while (System.in.read() >= 0) {
                // Nothing is asked this way.
            }
        } finally {
            // An orderly stop takes 20 seconds.
            Runtime.getRuntime().halt(0);
        }
    }
}
