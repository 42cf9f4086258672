package dev.tally.broker;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The options of a running broker that are about names, topics, delays and check-backs. */
final class MessagingOptions {

    private static final Pattern DURATION = Pattern.compile("(\\d{1,9})(ms|s|m|h|d)");
    private static final String A_DURATION = "DURATION";

    @Option(names = "--broker-name", paramLabel = "NAME", description = "The name in routes. Default: tally.")
    private @Nullable String brokerName;

    @Option(names = "--cluster", paramLabel = "NAME", description = "The cluster's name. Default: DefaultCluster.")
    private @Nullable String cluster;

    @Option(
            names = "--default-queues",
            paramLabel = "N",
            description = "Queues of a topic that is created by sending to it, at most. Default: 8.")
    private @Nullable Integer defaultQueues;

    @Option(
            names = "--max-message-bytes",
            paramLabel = "N",
            description = "The longest message body. Default: 4194304.")
    private @Nullable Integer maxMessageBytes;

    @Option(
            names = "--delay-levels",
            paramLabel = "LIST",
            description = "What the delay levels 1, 2, ... mean, such as '1s 5s 10s 1m'. Default: RocketMQ's.")
    private @Nullable String delayLevels;

    @Option(
            names = "--check-immunity",
            paramLabel = A_DURATION,
            description = "How long after it was stored a half message is first asked about. Default: 6s.")
    private @Nullable String checkImmunity;

    @Option(
            names = "--check-interval",
            paramLabel = A_DURATION,
            description = "The pause between the first two check-backs; later ones double. Default: 10s.")
    private @Nullable String checkInterval;

    @Option(
            names = "--check-max-interval",
            paramLabel = A_DURATION,
            description = "The longest pause between check-backs. Default: 10m.")
    private @Nullable String checkMaxInterval;

    @Option(
            names = "--max-checks",
            paramLabel = "N",
            description = "Check-backs before a half message is parked. Default: 15.")
    private @Nullable Integer maxChecks;

    @Option(
            names = "--remembered-sends",
            paramLabel = "N",
            description =
                    "Plain messages that are remembered to recognise repeated sends, 0 for none. Default: 100000.")
    private @Nullable Integer rememberedSends;

    @Option(
            names = "--remember-sends-for",
            paramLabel = A_DURATION,
            description = "How long they are remembered. Default: 10m.")
    private @Nullable String rememberSendsFor;

    @Option(
            names = "--stop-timeout",
            paramLabel = A_DURATION,
            description = "How long a stop waits for requests that are under way. Default: 5s.")
    private @Nullable String stopTimeout;

    @Option(
            names = "--reload-interval",
            paramLabel = A_DURATION,
            description = "How often certificates and accounts are looked at for changes. Default: 2s.")
    private @Nullable String reloadInterval;

    void apply(BrokerConfig.Builder config) {
        set(brokerName, config::brokerName);
        set(cluster, config::cluster);
        set(defaultQueues, config::defaultQueues);
        set(maxMessageBytes, config::maxMessageBytes);
        set(delayLevels, text -> config.delayLevels(durations(text)));
        set(checkImmunity, text -> config.checkImmunity(duration("--check-immunity", text)));
        set(checkInterval, text -> config.checkInterval(duration("--check-interval", text)));
        set(checkMaxInterval, text -> config.checkMaxInterval(duration("--check-max-interval", text)));
        set(maxChecks, config::maxChecks);
        set(rememberedSends, config::rememberedSends);
        set(rememberSendsFor, text -> config.rememberSendsFor(duration("--remember-sends-for", text)));
        set(stopTimeout, text -> config.stopTimeout(duration("--stop-timeout", text)));
        set(reloadInterval, text -> config.reloadInterval(duration("--reload-interval", text)));
    }

    private static <T> void set(@Nullable T value, Consumer<T> to) {
        Optional.ofNullable(value).ifPresent(to);
    }

    private static List<Duration> durations(String text) {
        List<Duration> levels = new ArrayList<>();
        Arrays.stream(text.trim().split("[\\s,]+")).forEach(level -> levels.add(duration("--delay-levels", level)));
        return levels;
    }

    private static Duration duration(String option, String text) {
        Matcher parts = DURATION.matcher(text.trim().toLowerCase(Locale.ROOT));
        if (!parts.matches()) {
            throw new IllegalArgumentException(
                    option + " holds '" + text + "', which is no duration such as 500ms, 30s, 10m, 2h or 1d");
        }
        long count = Long.parseLong(parts.group(1));
        return switch (parts.group(2)) {
            case "ms" -> Duration.ofMillis(count);
            case "s" -> Duration.ofSeconds(count);
            case "m" -> Duration.ofMinutes(count);
            case "h" -> Duration.ofHours(count);
            default -> Duration.ofDays(count);
        };
    }
}
