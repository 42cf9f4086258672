package dev.tally.broker;

import dev.tally.broker.retention.RetentionConfig;
import dev.tally.broker.store.FlushMode;
import java.nio.file.Path;
import java.time.Duration;
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

    @Option(
            names = "--retention-hours",
            paramLabel = "N",
            defaultValue = "72",
            description =
                    "How long messages are kept. Whatever this says, undecided and delayed messages stay. Default:"
                            + " ${DEFAULT-VALUE}.")
    private long retentionHours = 72;

    @Option(
            names = "--retention-bytes",
            paramLabel = "N",
            defaultValue = "0",
            description =
                    "Remove the oldest messages, however young, while the log takes more; 0 for no bound. Default:"
                            + " ${DEFAULT-VALUE}.")
    private long retentionBytes;

    @Option(
            names = "--keep-unconsumed",
            negatable = true,
            defaultValue = "true",
            fallbackValue = "true",
            description =
                    "Whether messages that a consumer group has not consumed stay beyond that, and those of topics"
                            + " that no group consumes. Default: ${DEFAULT-VALUE}.")
    private boolean keepUnconsumed = true;

    void apply(BrokerConfig.Builder config) {
        config.flush(flush)
                .quarantine(quarantine)
                .retention(new RetentionConfig(Duration.ofHours(retentionHours), retentionBytes, keepUnconsumed));
        if (backups != null) {
            config.backups(backups);
        }
    }
}
