package dev.tally.broker;

import dev.tally.broker.store.FlushMode;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The options of a running broker that are about its storage. */
final class StorageOptions {

    @Option(
            names = "--flush",
            paramLabel = "sync|async",
            defaultValue = "sync",
            description = "What an answer about a new topic's messages means: forced to the disk, or written and forced"
                    + " within 200 ms, which a power cut may take. Default: ${DEFAULT-VALUE}.")
    private FlushMode flush = FlushMode.SYNC;

    @Option(
            names = "--quarantine",
            description =
                    "Start on a damaged log: copy what cannot be read to DIR/quarantine, report it, and give it up.")
    private boolean quarantine;

    @Option(
            names = "--backups",
            paramLabel = "DIR",
            description = "Let the admin port write backups below this directory. Default: none.")
    private @Nullable Path backups;

    void apply(BrokerConfig.Builder config) {
        config.flush(flush).quarantine(quarantine);
        if (backups != null) {
            config.backups(backups);
        }
    }
}
