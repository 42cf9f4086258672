package dev.tally.broker;

import dev.tally.broker.net.TlsConfig;
import dev.tally.broker.retention.RetentionConfig;
import dev.tally.broker.store.FlushMode;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

/**
 * How a broker runs. Immutable; made by {@link #builder(Path)}.
 *
 * @since 0.1
 */
public final class BrokerConfig {

    /** What RocketMQ's delay levels 1 to 18 mean. */
    public static final List<Duration> DEFAULT_DELAY_LEVELS = List.of(
            Duration.ofSeconds(1),
            Duration.ofSeconds(5),
            Duration.ofSeconds(10),
            Duration.ofSeconds(30),
            Duration.ofMinutes(1),
            Duration.ofMinutes(2),
            Duration.ofMinutes(3),
            Duration.ofMinutes(4),
            Duration.ofMinutes(5),
            Duration.ofMinutes(6),
            Duration.ofMinutes(7),
            Duration.ofMinutes(8),
            Duration.ofMinutes(9),
            Duration.ofMinutes(10),
            Duration.ofMinutes(20),
            Duration.ofMinutes(30),
            Duration.ofHours(1),
            Duration.ofHours(2));

    private final Builder values;

    private BrokerConfig(Builder values) {
        this.values = values.copy();
    }

    /** Starts a configuration for a data directory; everything else has a default. */
    public static Builder builder(Path dataDirectory) {
        return new Builder(dataDirectory);
    }

    /** Where the broker keeps its data; created where it does not exist. */
    public Path dataDirectory() {
        return values.dataDirectory;
    }

    /** The address to listen on. */
    public String host() {
        return values.host;
    }

    /** The port to listen on, 0 for any free one. */
    public int port() {
        return values.port;
    }

    /** The host that clients are told in routes. */
    public String advertisedHost() {
        return Objects.requireNonNullElse(values.advertisedHost, values.host);
    }

    /** The port that clients are told in routes, empty for the one that is listened on. */
    public OptionalInt advertisedPort() {
        return values.advertisedPort;
    }

    /** The port of the status page on loopback, 0 for any free one, empty for none. */
    public OptionalInt adminPort() {
        return values.adminPort;
    }

    /** The broker's name in routes. */
    public String brokerName() {
        return values.brokerName;
    }

    /** The cluster's name in routes. */
    public String cluster() {
        return values.cluster;
    }

    /** Whether a send to an unknown topic creates it. */
    public boolean autoCreateTopics() {
        return values.autoCreateTopics;
    }

    /** Queues of a topic that is created by a send, at most. */
    public int defaultQueues() {
        return values.defaultQueues;
    }

    /** The longest message body, in bytes. */
    public int maxMessageBytes() {
        return values.maxMessageBytes;
    }

    /** Connections above are refused. */
    public int maxConnections() {
        return values.maxConnections;
    }

    /** Connections of one remote address above are refused. */
    public int maxConnectionsPerAddress() {
        return values.maxConnectionsPerAddress;
    }

    /** A connection from which nothing comes for that long is closed. */
    public Duration idleTimeout() {
        return values.idleTimeout;
    }

    /** A request that is not complete that long after its first byte closes its connection. */
    public Duration frameTimeout() {
        return values.frameTimeout;
    }

    /** A client that takes nothing for that long while there is something for it is disconnected. */
    public Duration writeTimeout() {
        return values.writeTimeout;
    }

    /** What the delay levels 1, 2, ... mean. */
    public List<Duration> delayLevels() {
        return values.delayLevels;
    }

    /** How long the log is kept. */
    public RetentionConfig retention() {
        return values.retention;
    }

    /** What an answer about a message of a new topic means. */
    public FlushMode flush() {
        return values.flush;
    }

    /** Whether damaged parts of the log are given up where the start would be refused. */
    public boolean quarantine() {
        return values.quarantine;
    }

    /** The directory below which the admin port writes backups, empty where it writes none. */
    public Optional<Path> backups() {
        return Optional.ofNullable(values.backups);
    }

    /** How long after it was stored a half message is first asked about. */
    public Duration checkImmunity() {
        return values.checkImmunity;
    }

    /** How long after the first check-back the second is due; each further pause is twice as long. */
    public Duration checkInterval() {
        return values.checkInterval;
    }

    /** The longest pause between two check-backs of one half message. */
    public Duration checkMaxInterval() {
        return values.checkMaxInterval;
    }

    /** How many check-backs are delivered before a half message is parked. */
    public int maxChecks() {
        return values.maxChecks;
    }

    /** How many plain messages are remembered to recognise their repeats, 0 for none. */
    public int rememberedSends() {
        return values.rememberedSends;
    }

    /** How long a plain message is remembered to recognise its repeats. */
    public Duration rememberSendsFor() {
        return values.rememberSendsFor;
    }

    /** The address of the status page. */
    public String adminHost() {
        return values.adminHost;
    }

    /** Whether and how connections are encrypted. */
    public TlsConfig tls() {
        return values.tls;
    }

    /** The account file, empty where everybody may do everything. */
    public Optional<Path> accounts() {
        return Optional.ofNullable(values.accounts);
    }

    /** How often certificates and accounts are looked at for changes. */
    public Duration reloadInterval() {
        return values.reloadInterval;
    }

    /** How long a stop waits for requests that are under way. */
    public Duration stopTimeout() {
        return values.stopTimeout;
    }

    /**
     * Collects the knobs of a {@link BrokerConfig}. Not thread-safe.
     *
     * @since 0.1
     */
    public static final class Builder {

        private static final int HIGHEST_PORT = 65_535;

        private final Path dataDirectory;
        private String host = "127.0.0.1";
        private int port;
        private @Nullable String advertisedHost;
        private OptionalInt advertisedPort = OptionalInt.empty();
        private OptionalInt adminPort = OptionalInt.empty();
        private String brokerName = "tally";
        private String cluster = "DefaultCluster";
        private boolean autoCreateTopics = true;
        private int defaultQueues = 8;
        private int maxMessageBytes = 4 * 1024 * 1024;
        private int maxConnections = 10_000;
        private int maxConnectionsPerAddress = 2_500;
        private Duration idleTimeout = Duration.ofMinutes(2);
        private Duration frameTimeout = Duration.ofMinutes(1);
        private Duration writeTimeout = Duration.ofSeconds(30);
        private List<Duration> delayLevels = DEFAULT_DELAY_LEVELS;
        private FlushMode flush = FlushMode.SYNC;
        private RetentionConfig retention = RetentionConfig.defaults();
        private boolean quarantine;
        private @Nullable Path backups;
        private Duration checkImmunity = Duration.ofSeconds(6);
        private Duration checkInterval = Duration.ofSeconds(10);
        private Duration checkMaxInterval = Duration.ofMinutes(10);
        private int maxChecks = 15;
        private int rememberedSends = 100_000;
        private Duration rememberSendsFor = Duration.ofMinutes(10);
        private String adminHost = "127.0.0.1";
        private TlsConfig tls = TlsConfig.DISABLED;
        private @Nullable Path accounts;
        private Duration reloadInterval = Duration.ofSeconds(2);
        private Duration stopTimeout = Duration.ofSeconds(5);

        private Builder(Path dataDirectory) {
            this.dataDirectory = dataDirectory;
        }

        /** The address to listen on; default 127.0.0.1. */
        public Builder host(String value) {
            host = value;
            return this;
        }

        /** The port to listen on, 0 (default) for any free one. */
        public Builder port(int value) {
            port = port("port", value);
            return this;
        }

        /** The host that clients are told; default: the host to listen on. */
        public Builder advertisedHost(String value) {
            advertisedHost = value;
            return this;
        }

        /** The port that clients are told, where something stands in between that maps ports; default: the one listened on. */
        public Builder advertisedPort(int value) {
            advertisedPort = OptionalInt.of(port("advertisedPort", value));
            return this;
        }

        /** Serves the status page on that port of loopback, 0 for any free one; default: none. */
        public Builder adminPort(int value) {
            adminPort = OptionalInt.of(port("adminPort", value));
            return this;
        }

        /** The broker's name in routes; default "tally". */
        public Builder brokerName(String value) {
            brokerName = value;
            return this;
        }

        /** The cluster's name in routes; default "DefaultCluster". */
        public Builder cluster(String value) {
            cluster = value;
            return this;
        }

        /** Whether a send to an unknown topic creates it; default true. */
        public Builder autoCreateTopics(boolean value) {
            autoCreateTopics = value;
            return this;
        }

        /** Queues of a topic that is created by a send, at most; default 8. */
        public Builder defaultQueues(int value) {
            defaultQueues = atLeastOne("defaultQueues", value);
            return this;
        }

        /** The longest message body in bytes; default 4 MiB. */
        public Builder maxMessageBytes(int value) {
            maxMessageBytes = atLeastOne("maxMessageBytes", value);
            return this;
        }

        /** Connections above are refused; default 10,000. */
        public Builder maxConnections(int value) {
            maxConnections = atLeastOne("maxConnections", value);
            return this;
        }

        /** Connections of one remote address above are refused; default 2,500. */
        public Builder maxConnectionsPerAddress(int value) {
            maxConnectionsPerAddress = atLeastOne("maxConnectionsPerAddress", value);
            return this;
        }

        /**
         * A connection from which nothing comes for that long is closed; default 120 s. Clients send a heartbeat every 30
         * seconds: less than that cuts them off.
         */
        public Builder idleTimeout(Duration value) {
            idleTimeout = positive("idleTimeout", value);
            return this;
        }

        /**
         * A request that is not complete that long after its first byte closes its connection, and so does a first
         * request that does not come; default 60 s.
         */
        public Builder frameTimeout(Duration value) {
            frameTimeout = positive("frameTimeout", value);
            return this;
        }

        /** A client that takes nothing for that long while there is something for it is disconnected; default 30 s. */
        public Builder writeTimeout(Duration value) {
            writeTimeout = positive("writeTimeout", value);
            return this;
        }

        /** What the delay levels 1, 2, ... mean; default {@link BrokerConfig#DEFAULT_DELAY_LEVELS}. */
        public Builder delayLevels(List<Duration> value) {
            delayLevels = List.copyOf(value);
            return this;
        }

        /**
         * How long the log is kept; default 72 hours, without a bound in bytes, and longer for what a group has not
         * consumed.
         */
        public Builder retention(RetentionConfig value) {
            retention = value;
            return this;
        }

        /**
         * What an answer about a message of a new topic means; default {@link FlushMode#SYNC}. A topic can say otherwise,
         * and keeps what it was created with.
         */
        public Builder flush(FlushMode value) {
            flush = value;
            return this;
        }

        /**
         * Whether damaged parts of the log are copied to {@code quarantine/} in the data directory and given up, where
         * the start would be refused; default false. To be used once, when no copy can be restored.
         */
        public Builder quarantine(boolean value) {
            quarantine = value;
            return this;
        }

        /** Lets the admin port write backups below that directory; default: none. */
        public Builder backups(Path value) {
            backups = value;
            return this;
        }

        /** How long after it was stored a half message is first asked about; default 6 s. */
        public Builder checkImmunity(Duration value) {
            checkImmunity = positive("checkImmunity", value);
            return this;
        }

        /** How long after the first check-back the second is due; default 10 s, doubled each time. */
        public Builder checkInterval(Duration value) {
            checkInterval = positive("checkInterval", value);
            return this;
        }

        /** The longest pause between two check-backs of one half message; default 10 min. */
        public Builder checkMaxInterval(Duration value) {
            checkMaxInterval = positive("checkMaxInterval", value);
            return this;
        }

        /** How many check-backs are delivered before a half message is parked; default 15. */
        public Builder maxChecks(int value) {
            maxChecks = atLeastOne("maxChecks", value);
            return this;
        }

        /**
         * How many plain messages are remembered at most, so that a send that a client repeats because it got no answer
         * is not stored twice; about 160 bytes each, 0 switches it off; default 100,000.
         */
        public Builder rememberedSends(int value) {
            if (value < 0) {
                throw new IllegalArgumentException("rememberedSends must not be negative: " + value);
            }
            rememberedSends = value;
            return this;
        }

        /** How long a plain message is remembered for that; default 10 min. */
        public Builder rememberSendsFor(Duration value) {
            rememberSendsFor = positive("rememberSendsFor", value);
            return this;
        }

        /**
         * The address of the status page; default 127.0.0.1. It has no authentication and shows names of topics, groups
         * and clients: anything but loopback is for networks that are closed.
         */
        public Builder adminHost(String value) {
            adminHost = value;
            return this;
        }

        /** Whether and how connections are encrypted; default {@link TlsConfig#DISABLED}. */
        public Builder tls(TlsConfig value) {
            tls = value;
            return this;
        }

        /**
         * Lets only those in that file in, and to what it says, in the form of RocketMQ's {@code plain_acl.yml}; default:
         * none, everybody may do everything.
         */
        public Builder accounts(Path value) {
            accounts = value;
            return this;
        }

        /** How often certificates and accounts are looked at for changes; default 2 s. */
        public Builder reloadInterval(Duration value) {
            reloadInterval = positive("reloadInterval", value);
            return this;
        }

        /** How long a stop waits for the answers to requests that are under way; default 5 s. */
        public Builder stopTimeout(Duration value) {
            stopTimeout = positive("stopTimeout", value);
            return this;
        }

        /** The configuration as it stands now; the builder can be used on. */
        public BrokerConfig build() {
            return new BrokerConfig(this);
        }

        private Builder copy() {
            Builder copy = new Builder(dataDirectory);
            copy.host = host;
            copy.port = port;
            copy.advertisedHost = advertisedHost;
            copy.advertisedPort = advertisedPort;
            copy.adminPort = adminPort;
            copy.brokerName = brokerName;
            copy.cluster = cluster;
            copy.autoCreateTopics = autoCreateTopics;
            copy.defaultQueues = defaultQueues;
            copy.maxMessageBytes = maxMessageBytes;
            copy.maxConnections = maxConnections;
            copy.maxConnectionsPerAddress = maxConnectionsPerAddress;
            copy.idleTimeout = idleTimeout;
            copy.frameTimeout = frameTimeout;
            copy.writeTimeout = writeTimeout;
            copy.delayLevels = delayLevels;
            copy.flush = flush;
            copy.retention = retention;
            copy.quarantine = quarantine;
            copy.backups = backups;
            copy.checkImmunity = checkImmunity;
            copy.checkInterval = checkInterval;
            copy.checkMaxInterval = checkMaxInterval;
            copy.maxChecks = maxChecks;
            copy.rememberedSends = rememberedSends;
            copy.rememberSendsFor = rememberSendsFor;
            copy.adminHost = adminHost;
            copy.tls = tls;
            copy.accounts = accounts;
            copy.reloadInterval = reloadInterval;
            copy.stopTimeout = stopTimeout;
            return copy;
        }

        private static int port(String name, int value) {
            if (value < 0 || value > HIGHEST_PORT) {
                throw new IllegalArgumentException(name + " must be 0 to " + HIGHEST_PORT + ", not " + value);
            }
            return value;
        }

        private static int atLeastOne(String name, int value) {
            if (value < 1) {
                throw new IllegalArgumentException(name + " must be at least 1, not " + value);
            }
            return value;
        }

        private static Duration positive(String name, Duration value) {
            if (value.isNegative() || value.isZero()) {
                throw new IllegalArgumentException(name + " must be positive, not " + value);
            }
            return value;
        }
    }
}
