package dev.tally.broker;

import dev.tally.broker.engine.LogMessageStore;
import dev.tally.broker.engine.StoreConfig;
import dev.tally.broker.env.FileSystemDisk;
import dev.tally.broker.env.SystemClock;
import dev.tally.broker.half.CheckPolicy;
import dev.tally.broker.store.MessageStore;
import java.io.IOException;
import java.security.SecureRandom;

/** Opens the storage of a broker: the one place where its configuration meets the storage's. */
final class BrokerStore {

    private BrokerStore() {}

    static MessageStore open(BrokerConfig config) {
        CheckPolicy defaults = CheckPolicy.defaults();
        CheckPolicy checks = new CheckPolicy(
                config.checkImmunity(),
                config.checkInterval(),
                config.checkMaxInterval(),
                defaults.retry(),
                config.maxChecks());
        try {
            return LogMessageStore.open(
                    StoreConfig.defaults(config.dataDirectory())
                            .withChecks(checks)
                            .withDefaultFlush(config.flush())
                            .withQuarantine(config.quarantine()),
                    new FileSystemDisk(),
                    new SystemClock(),
                    new SecureRandom());
        } catch (IOException e) {
            throw new BrokerStartException(
                    "Cannot use data directory " + config.dataDirectory() + ": " + e.getMessage(), e);
        } catch (RuntimeException e) {
            throw new BrokerStartException(String.valueOf(e.getMessage()), e);
        }
    }
}
