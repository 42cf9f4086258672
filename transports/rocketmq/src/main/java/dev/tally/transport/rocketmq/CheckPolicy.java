package dev.tally.transport.rocketmq;

import java.io.IOException;
import java.io.StringReader;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Properties;
import org.jspecify.annotations.Nullable;

/**
 * How long a RocketMQ broker asks about a half message, by its configuration. As of RocketMQ 5.5.0:
 *
 * <ul>
 *   <li>{@code TransactionalMessageServiceImpl.check} looks at what is undecided every {@code transactionCheckInterval}.
 *       Once a half message's born time is more than {@code fileReservedTime} hours ago ({@code needSkip}), it is put into
 *       {@code TRANS_CHECK_MAX_TIME_TOPIC} and not asked about. A half message that is asked about is written anew, with
 *       the same born time, so that its file's age does not count. That is the horizon.
 *   <li>After {@code transactionCheckMax} questions ({@code needDiscard}) it is put there as well: in a broker that runs
 *       all the time, {@code transactionTimeOut} plus that many intervals after its birth. While the broker is down it does
 *       not count, so that this is no bound.
 *   <li>With {@code transRocksDBEnable}, {@code TransactionalMessageRocksDBService} counts the questions, and knows no
 *       greatest age. The longest of all three is taken, the configured horizon among them.
 * </ul>
 */
final class CheckPolicy {

    private CheckPolicy() {}

    /**
     * The horizon that a configuration means.
     *
     * @param configuration the answer to {@code GET_BROKER_CONFIG}
     * @param atLeastWithoutBound the horizon, at least, of a broker that has no greatest age
     * @return {@code null} where it does not say
     */
    static @Nullable Duration horizon(byte @Nullable [] configuration, Duration atLeastWithoutBound) {
        if (configuration == null) {
            return null;
        }
        try {
            Properties properties = new Properties();
            properties.load(new StringReader(new String(configuration, StandardCharsets.UTF_8)));
            Duration greatestAge = Duration.ofHours(number(properties, "fileReservedTime"));
            if (!Boolean.parseBoolean(properties.getProperty("transRocksDBEnable"))) {
                return greatestAge;
            }
            Duration questions = Duration.ofMillis(number(properties, "transactionCheckInterval"))
                    .multipliedBy(number(properties, "transactionCheckMax"))
                    .plusMillis(number(properties, "transactionTimeOut"));
            return longest(longest(greatestAge, questions), atLeastWithoutBound);
        } catch (IOException | IllegalArgumentException | ArithmeticException e) {
            // Somebody else's broker: not to be understood is an answer too.
            return null;
        }
    }

    private static long number(Properties properties, String name) {
        long number = Long.parseLong(properties.getProperty(name, "missing").strip());
        if (number < 0) {
            throw new IllegalArgumentException(name + " is negative: " + number);
        }
        return number;
    }

    private static Duration longest(Duration one, Duration other) {
        return one.compareTo(other) >= 0 ? one : other;
    }
}
