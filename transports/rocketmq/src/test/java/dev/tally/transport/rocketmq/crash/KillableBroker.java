package dev.tally.transport.rocketmq.crash;

import dev.tally.broker.CrashingBroker;
import dev.tally.testkit.ChildJvm;
import dev.tally.testkit.FreePorts;
import dev.tally.transport.rocketmq.real.RealRocketMq;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/** A broker in a process of its own, which can be killed and started again with its data and at its address. */
final class KillableBroker implements AutoCloseable {

    private static final Duration PATIENCE = Duration.ofMinutes(3);
    private static final String READY = "ready on ";

    private final Launcher launcher;
    private final String name;
    private final Class<?> main;
    private final String memory;
    private final List<String> arguments;
    private final String address;
    private ChildJvm process;

    private KillableBroker(
            Launcher launcher, String name, Class<?> main, String memory, List<String> arguments, String address) {
        this.launcher = launcher;
        this.name = name;
        this.main = main;
        this.memory = memory;
        this.arguments = arguments;
        this.address = address;
        this.process = launch();
    }

    static KillableBroker tally(Launcher launcher, Path folder) {
        int port = FreePorts.next();
        return new KillableBroker(
                launcher,
                "broker",
                CrashingBroker.class,
                "192m",
                List.of(folder.resolve("broker").toString(), Integer.toString(port)),
                "127.0.0.1:" + port);
    }

    static KillableBroker rocketMq(Launcher launcher, Path folder) {
        int port = FreePorts.next();
        int brokerPort = RealRocketMq.freeBrokerPort();
        return new KillableBroker(
                launcher,
                "rocketmq",
                RocketMqProcess.class,
                "512m",
                List.of(folder.resolve("rocketmq").toString(), Integer.toString(port), Integer.toString(brokerPort)),
                "127.0.0.1:" + port);
    }

    private ChildJvm launch() {
        ChildJvm started = launcher.hasArchive(name) || main != CrashingBroker.class
                ? launcher.start(name, memory, main, READY, arguments)
                : launcher.train(name, memory, main, READY, arguments);
        started.awaitLine(line -> line.startsWith(READY), PATIENCE);
        return started;
    }

    String address() {
        return address;
    }

    void arm(CrashPoint point) {
        process.tell("arm " + point);
        process.awaitLine(line -> line.equals("ARMED"), PATIENCE);
    }

    /** Waits until it has stopped at an armed point; says whether it has, or has come nowhere near. */
    boolean awaitStop(CrashPoint point, Duration patience) {
        try {
            process.awaitLine(line -> line.equals("AT broker " + point), patience);
            return true;
        } catch (IllegalStateException e) {
            if (!process.isAlive()) {
                throw e;
            }
            return false;
        }
    }

    void kill() {
        process.close();
    }

    void startAgain() {
        process = launch();
    }

    /** Ends it in order the first time, so that it starts faster from then on. */
    void learn() {
        if (main != CrashingBroker.class || launcher.hasArchive(name)) {
            return;
        }
        process.tell("exit");
        process.awaitEnd();
        startAgain();
    }

    List<String> output() {
        return process.output();
    }

    long pid() {
        return process.pid();
    }

    @Override
    public void close() {
        kill();
    }
}
