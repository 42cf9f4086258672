package dev.tally.transport.rocketmq.crash;

import java.nio.file.Path;

/** The contract of faults at Tally's own broker. */
class TallyBrokerFaultsTest extends RocketMqFaultsContract {

    @Override
    protected String broker() {
        return "Tally's broker";
    }

    @Override
    KillableBroker launch(Launcher launcher, Path folder) {
        return KillableBroker.tally(launcher, folder);
    }
}
