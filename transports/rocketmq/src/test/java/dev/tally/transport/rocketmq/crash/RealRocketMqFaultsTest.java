package dev.tally.transport.rocketmq.crash;

import java.nio.file.Path;
import org.junit.jupiter.api.condition.DisabledForJreRange;
import org.junit.jupiter.api.condition.JRE;

/** The contract of faults at a real RocketMQ. */
@DisabledForJreRange(
        min = JRE.JAVA_25,
        disabledReason =
                "RocketMQ 5.5.0 cannot delete a mapped index file there, which it does when it starts again after a kill")
class RealRocketMqFaultsTest extends RocketMqFaultsContract {

    @Override
    protected String broker() {
        return "RocketMQ 5.5.0";
    }

    @Override
    KillableBroker launch(Launcher launcher, Path folder) {
        return KillableBroker.rocketMq(launcher, folder);
    }
}
