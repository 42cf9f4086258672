package dev.tally.transport.rocketmq;

import java.time.Duration;
import java.util.concurrent.ThreadFactory;
import org.jspecify.annotations.Nullable;

/**
 * How a {@link RocketMqTransport} reaches its brokers and what it allows itself there. Immutable.
 *
 * @param nameServer addresses of the name servers, {@code host:port} separated by {@code ;}
 * @param producerGroup the group under which half messages are sent and check-backs arrive; the same for all instances
 *     of one service, different between services
 * @param instanceName names this client on its host; unique among all processes and transports there
 * @param accessKey the access key for brokers with access control, or {@code null}
 * @param secretKey the secret key that belongs to it, or {@code null}
 * @param namespace prefix of all topics and groups on shared clusters, or {@code null}
 * @param tls whether connections are encrypted; false by default
 * @param sendTimeout how long a send or a half message waits for the broker's confirmation; 5 seconds by default
 * @param closeTimeout how long closing waits for running handlers; 10 seconds by default
 * @param maxMessageBytes the largest payload; 4 MiB by default, which is also the brokers' default
 * @param consumeBatchSize messages handed to a handler at once, 1 to 1024; 32 by default
 * @param cachedMessagesPerQueue messages that are fetched ahead for each queue; 1000 by default
 * @param orderedRetryDelay the first pause before an ordered message is retried, doubled with each attempt up to 30
 *     seconds; 1 second by default
 * @param createMissingTopics whether subscribing to a topic that does not exist creates it where the broker creates
 *     topics on their first message anyway, so that the first message is not delayed by a route refresh; true by default
 * @param checkHorizon how long brokers may go on asking about a half message after it was sent, where they do not tell:
 *     where access control keeps a RocketMQ broker's configuration from the access key. 3 days by default, which is
 *     RocketMQ's default of {@code fileReservedTime}
 * @param maxDelay how far ahead the brokers keep delayed messages back; what is delayed for longer waits with the sender. 71
 *     hours by default, which is an hour for clocks that differ below RocketMQ's default of {@code timerMaxDelaySec}
 * @param redeliveryHorizon how long after it was sent a message may be delivered once more. 7 days by default: RocketMQ keeps
 *     messages for 3 days ({@code fileReservedTime}), its retries take 5 hours, and dead letters are kept for 3 days again
 * @param handlerThreads makes the threads that run handlers, one for each that runs; virtual threads for instance. Daemon
 *     threads of the platform by default, which are kept for a minute ({@code null})
 * @since 0.1
 */
public record RocketMqSettings(
        String nameServer,
        String producerGroup,
        String instanceName,
        @Nullable String accessKey,
        @Nullable String secretKey,
        @Nullable String namespace,
        boolean tls,
        Duration sendTimeout,
        Duration closeTimeout,
        int maxMessageBytes,
        int consumeBatchSize,
        int cachedMessagesPerQueue,
        Duration orderedRetryDelay,
        boolean createMissingTopics,
        Duration checkHorizon,
        Duration maxDelay,
        Duration redeliveryHorizon,
        @Nullable ThreadFactory handlerThreads) {

    public RocketMqSettings {
        requireText("nameServer", nameServer);
        requireText("producerGroup", producerGroup);
        requireText("instanceName", instanceName);
        requireAtLeastOne("maxMessageBytes", maxMessageBytes);
        requireAtLeastOne("consumeBatchSize", consumeBatchSize);
        requireAtLeastOne("cachedMessagesPerQueue", cachedMessagesPerQueue);
        if (consumeBatchSize > 1024) {
            throw new IllegalArgumentException(
                    "Cannot use consumeBatchSize=" + consumeBatchSize + ": 1024 is the client's limit");
        }
        if (checkHorizon.isNegative()) {
            throw new IllegalArgumentException("Cannot use checkHorizon=" + checkHorizon + ": it is negative");
        }
        if (maxDelay.isNegative()) {
            throw new IllegalArgumentException("Cannot use maxDelay=" + maxDelay + ": it is negative");
        }
        if (redeliveryHorizon.isNegative()) {
            throw new IllegalArgumentException(
                    "Cannot use redeliveryHorizon=" + redeliveryHorizon + ": it is negative");
        }
        if ((accessKey == null) != (secretKey == null)) {
            throw new IllegalArgumentException("Cannot sign requests: of accessKey and secretKey only one is set");
        }
    }

    /** Without the secret key. */
    @Override
    public String toString() {
        return "RocketMqSettings[nameServer=" + nameServer + ", producerGroup=" + producerGroup + ", instanceName="
                + instanceName + ", accessKey=" + accessKey + ", namespace=" + namespace + ", tls=" + tls + "]";
    }

    /**
     * Begins settings with the three that have no default.
     *
     * @param nameServer see {@link #nameServer()}
     * @param producerGroup see {@link #producerGroup()}
     * @param instanceName see {@link #instanceName()}
     */
    public static Builder builder(String nameServer, String producerGroup, String instanceName) {
        return new Builder(nameServer, producerGroup, instanceName);
    }

    private static void requireText(String name, String value) {
        if (value.isBlank()) {
            throw new IllegalArgumentException("Cannot create RocketMQ settings: " + name + " is blank");
        }
    }

    private static void requireAtLeastOne(String name, int value) {
        if (value < 1) {
            throw new IllegalArgumentException(
                    "Cannot create RocketMQ settings: " + name + " is " + value + ", at least 1 is possible");
        }
    }

    /** Collects the optional settings. Not thread-safe. */
    public static final class Builder {

        private final String nameServer;
        private final String producerGroup;
        private final String instanceName;
        private @Nullable String accessKey;
        private @Nullable String secretKey;
        private @Nullable String namespace;
        private boolean tls;
        private Duration sendTimeout = Duration.ofSeconds(5);
        private Duration closeTimeout = Duration.ofSeconds(10);
        private int maxMessageBytes = 4 * 1024 * 1024;
        private int consumeBatchSize = 32;
        private int cachedMessagesPerQueue = 1000;
        private Duration orderedRetryDelay = Duration.ofSeconds(1);
        private boolean createMissingTopics = true;
        private Duration checkHorizon = Duration.ofDays(3);
        private Duration maxDelay = Duration.ofHours(71);
        private Duration redeliveryHorizon = Duration.ofDays(7);
        private @Nullable ThreadFactory handlerThreads;

        private Builder(String nameServer, String producerGroup, String instanceName) {
            this.nameServer = nameServer;
            this.producerGroup = producerGroup;
            this.instanceName = instanceName;
        }

        /** Signs requests with these keys; none by default. */
        public Builder credentials(@Nullable String accessKey, @Nullable String secretKey) {
            this.accessKey = accessKey;
            this.secretKey = secretKey;
            return this;
        }

        /** See {@link RocketMqSettings#namespace()}. */
        public Builder namespace(@Nullable String namespace) {
            this.namespace = namespace;
            return this;
        }

        /** See {@link RocketMqSettings#tls()}. */
        public Builder tls(boolean tls) {
            this.tls = tls;
            return this;
        }

        /** See {@link RocketMqSettings#sendTimeout()}. */
        public Builder sendTimeout(Duration sendTimeout) {
            this.sendTimeout = sendTimeout;
            return this;
        }

        /** See {@link RocketMqSettings#closeTimeout()}. */
        public Builder closeTimeout(Duration closeTimeout) {
            this.closeTimeout = closeTimeout;
            return this;
        }

        /** See {@link RocketMqSettings#maxMessageBytes()}. */
        public Builder maxMessageBytes(int maxMessageBytes) {
            this.maxMessageBytes = maxMessageBytes;
            return this;
        }

        /** See {@link RocketMqSettings#consumeBatchSize()}. */
        public Builder consumeBatchSize(int consumeBatchSize) {
            this.consumeBatchSize = consumeBatchSize;
            return this;
        }

        /** See {@link RocketMqSettings#cachedMessagesPerQueue()}. */
        public Builder cachedMessagesPerQueue(int cachedMessagesPerQueue) {
            this.cachedMessagesPerQueue = cachedMessagesPerQueue;
            return this;
        }

        /** See {@link RocketMqSettings#orderedRetryDelay()}. */
        public Builder orderedRetryDelay(Duration orderedRetryDelay) {
            this.orderedRetryDelay = orderedRetryDelay;
            return this;
        }

        /** See {@link RocketMqSettings#createMissingTopics()}. */
        public Builder createMissingTopics(boolean createMissingTopics) {
            this.createMissingTopics = createMissingTopics;
            return this;
        }

        /** See {@link RocketMqSettings#checkHorizon()}. */
        public Builder checkHorizon(Duration checkHorizon) {
            this.checkHorizon = checkHorizon;
            return this;
        }

        /** See {@link RocketMqSettings#maxDelay()}. */
        public Builder maxDelay(Duration maxDelay) {
            this.maxDelay = maxDelay;
            return this;
        }

        /** See {@link RocketMqSettings#handlerThreads()}. */
        public Builder handlerThreads(@Nullable ThreadFactory handlerThreads) {
            this.handlerThreads = handlerThreads;
            return this;
        }

        /** See {@link RocketMqSettings#redeliveryHorizon()}. */
        public Builder redeliveryHorizon(Duration redeliveryHorizon) {
            this.redeliveryHorizon = redeliveryHorizon;
            return this;
        }

        /** The settings. */
        public RocketMqSettings build() {
            return new RocketMqSettings(
                    nameServer,
                    producerGroup,
                    instanceName,
                    accessKey,
                    secretKey,
                    namespace,
                    tls,
                    sendTimeout,
                    closeTimeout,
                    maxMessageBytes,
                    consumeBatchSize,
                    cachedMessagesPerQueue,
                    orderedRetryDelay,
                    createMissingTopics,
                    checkHorizon,
                    maxDelay,
                    redeliveryHorizon,
                    handlerThreads);
        }
    }
}
