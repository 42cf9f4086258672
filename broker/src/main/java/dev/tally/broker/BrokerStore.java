package dev.tally.broker;

import dev.tally.broker.engine.LogMessageStore;
import dev.tally.broker.engine.StoreConfig;
import dev.tally.broker.env.FileSystemDisk;
import dev.tally.broker.env.SystemClock;
import dev.tally.broker.half.CheckPolicy;
import dev.tally.broker.message.MessageKeys;
import dev.tally.broker.store.MessageStore;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.NoSuchFileException;
import java.security.SecureRandom;
import java.util.Objects;
import java.util.concurrent.ExecutionException;

/** Opens the storage of a broker: the one place where its configuration meets the storage's. */
final class BrokerStore {

    private BrokerStore() {}

    /** Opens it; an interrupt of the caller, before or meanwhile, is kept for the caller to find. */
    static MessageStore open(BrokerConfig config) {
        try {
            return Undisturbed.run("tally-broker-open", () -> openHere(config));
        } catch (ExecutionException e) {
            throw failure(config, Objects.requireNonNullElse(e.getCause(), e));
        }
    }

    private static BrokerStartException failure(BrokerConfig config, Throwable cause) {
        // Refusals of the storage's own name the directory and the place in it.
        String message = cause instanceof IOException || cause instanceof Error
                ? "Cannot use data directory " + config.dataDirectory() + ": " + reason(cause)
                : FailureReason.of(cause);
        return new BrokerStartException(message, cause);
    }

    private static MessageStore openHere(BrokerConfig config) throws IOException {
        CheckPolicy defaults = CheckPolicy.defaults();
        CheckPolicy checks = new CheckPolicy(
                config.checkImmunity(),
                config.checkInterval(),
                config.checkMaxInterval(),
                defaults.retry(),
                config.maxChecks());
        return LogMessageStore.open(
                StoreConfig.defaults(config.dataDirectory())
                        .withChecks(checks)
                        .withDefaultFlush(config.flush())
                        .withQuarantine(config.quarantine())
                        .withRetention(config.retention()),
                MessageKeys::hashes,
                new FileSystemDisk(),
                new SystemClock(),
                new SecureRandom());
    }

    /** What went wrong, in words: some exceptions of the file system carry nothing but a file's name. */
    private static String reason(Throwable failure) {
        if (failure instanceof AccessDeniedException denied) {
            return "permission denied for " + denied.getFile();
        }
        if (failure instanceof NoSuchFileException absent) {
            return absent.getFile() + " does not exist";
        }
        if (failure instanceof FileAlreadyExistsException present) {
            return present.getFile() + " exists and is not a directory";
        }
        return FailureReason.of(failure);
    }
}
