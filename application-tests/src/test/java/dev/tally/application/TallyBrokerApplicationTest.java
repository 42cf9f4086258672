package dev.tally.application;

import dev.tally.testkit.ChildJvm;
import dev.tally.testkit.FreePorts;
import java.nio.file.Path;
import java.util.List;

class TallyBrokerApplicationTest extends AnyBrokerContract {

    private ChildJvm process;

    TallyBrokerApplicationTest() {
        super("rocketmq");
    }

    @Override
    RunningBroker startBroker(Path folder) {
        int port = FreePorts.next();
        process = launch(folder, port);
        return RunningBroker.of(
                () -> process.kill(),
                () -> process = launch(folder, port),
                () -> process.close(),
                "--rocketmq.name-server=127.0.0.1:" + port);
    }

    private static ChildJvm launch(Path folder, int port) {
        return ChildJvm.start(
                        TallyBrokerProcess.class,
                        TallyBrokerProcess.READY,
                        List.of(folder.toString(), Integer.toString(port)))
                .awaitReady();
    }
}
