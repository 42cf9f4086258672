package dev.tally.transport.rocketmq;

import dev.tally.half.CheckBackHorizon;
import dev.tally.half.HalfMessagesUnavailableException;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.apache.rocketmq.client.exception.MQBrokerException;
import org.apache.rocketmq.remoting.exception.RemotingException;
import org.apache.rocketmq.remoting.protocol.RemotingCommand;
import org.apache.rocketmq.remoting.protocol.RequestCode;
import org.apache.rocketmq.remoting.protocol.ResponseCode;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Finds out how old the oldest half message may be that a broker asks about, over all brokers of the name server, the
 * longest of them.
 *
 * <ul>
 *   <li>Tally's broker tells how old the oldest undecided half message of the producer group is, a parked one as well: it
 *       keeps them until somebody decides.
 *   <li>RocketMQ's tells its policy, see {@link CheckPolicy}. That holds while the broker is away, so what it once said is
 *       remembered.
 *   <li>One that answers and does not say gets the configured horizon, for instance where access control keeps its
 *       configuration from this account.
 * </ul>
 *
 * <p>A broker that is known and cannot be asked makes the horizon unknown, but for RocketMQ's whose policy is. What a name
 * server does not list, and has not listed since this process started, nobody can take into account. Thread-safe.
 */
final class HorizonInspector implements CheckBackHorizon {

    /** A request of Tally's broker; RocketMQ's brokers do not know it. */
    static final int OLDEST_HALF_MESSAGE = 910_002;

    private static final Logger LOG = LoggerFactory.getLogger(HorizonInspector.class);

    /** Answers that say nothing about who answers. */
    private static final Set<Integer> NO_ANSWER = Set.of(
            ResponseCode.SYSTEM_ERROR,
            ResponseCode.SYSTEM_BUSY,
            ResponseCode.SERVICE_NOT_AVAILABLE,
            ResponseCode.NO_PERMISSION);

    private static final String ABSENT =
            "the name server lists it no more; if it has gone for good, a restart of this service forgets it";

    private final TallyProducer producer;
    private final Duration whereNotTold;
    /** By the broker's name; empty for one of Tally's, which has to be asked each time. */
    private final Map<String, Optional<Duration>> known = new HashMap<>();

    private final Set<String> silent = new HashSet<>();

    /**
     * @param whereNotTold the horizon of brokers that do not tell theirs
     */
    HorizonInspector(TallyProducer producer, Duration whereNotTold) {
        this.producer = producer;
        this.whereNotTold = whereNotTold;
    }

    @Override
    public synchronized Duration ofOldestQuestion() {
        Map<String, String> brokers = brokers();
        Duration longest = Duration.ZERO;
        for (Map.Entry<String, String> broker : brokers.entrySet()) {
            longest = longer(longest, of(broker.getKey(), broker.getValue()));
        }
        for (String name : known.keySet()) {
            if (!brokers.containsKey(name)) {
                longest = longer(longest, remembered(name, ABSENT, null));
            }
        }
        return longest;
    }

    private Map<String, String> brokers() {
        Map<String, String> brokers;
        try {
            brokers = producer.brokersByName();
        } catch (MQBrokerException e) {
            throw unavailable(
                    "the name server refuses with code " + e.getResponseCode() + " " + e.getErrorMessage(), e);
        } catch (RemotingException e) {
            throw unavailable("asked the name server for brokers, it does not answer: " + e.getMessage(), e);
        } catch (InterruptedException e) {
            throw interrupted("the name server", e);
        }
        if (brokers.isEmpty()) {
            throw unavailable("the name server knows no broker", null);
        }
        return brokers;
    }

    private Duration of(String name, String address) {
        try {
            RemotingCommand oldest =
                    producer.ask(address, OLDEST_HALF_MESSAGE, Map.of("producerGroup", producer.getProducerGroup()));
            if (oldest.getCode() == ResponseCode.SUCCESS) {
                known.put(name, Optional.empty());
                return age(oldest);
            }
            if (NO_ANSWER.contains(oldest.getCode())) {
                return remembered(name, refusal(oldest), null);
            }
            return policy(name, address);
        } catch (RemotingException e) {
            return remembered(name, "it does not answer at " + address + ": " + e.getMessage(), e);
        } catch (InterruptedException e) {
            throw interrupted("broker " + name, e);
        }
    }

    private static Duration age(RemotingCommand oldest) {
        String age =
                oldest.getExtFields() == null ? null : oldest.getExtFields().get("ageMillis");
        return age == null ? Duration.ZERO : Duration.ofMillis(Long.parseLong(age));
    }

    private Duration policy(String name, String address) throws RemotingException, InterruptedException {
        RemotingCommand config = producer.ask(address, RequestCode.GET_BROKER_CONFIG, Map.of());
        Duration horizon;
        if (config.getCode() == ResponseCode.SUCCESS) {
            horizon = CheckPolicy.horizon(config.getBody(), whereNotTold);
            if (horizon == null) {
                horizon = notTold(name, "its configuration does not say how long it keeps files");
            }
        } else if (config.getCode() == ResponseCode.NO_PERMISSION || !NO_ANSWER.contains(config.getCode())) {
            horizon = notTold(name, refusal(config));
        } else {
            return remembered(name, refusal(config), null);
        }
        known.put(name, Optional.of(horizon));
        return horizon;
    }

    private Duration notTold(String name, String reason) {
        if (silent.add(name)) {
            LOG.warn(
                    "Broker does not tell how long it asks about half messages, the configured time is taken broker={}"
                            + " horizon={} reason={}",
                    name,
                    whereNotTold,
                    reason);
        }
        return whereNotTold;
    }

    private Duration remembered(String name, String reason, @Nullable Exception cause) {
        return known.getOrDefault(name, Optional.empty())
                .orElseThrow(() -> unavailable("broker " + name + ": " + reason, cause));
    }

    private static String refusal(RemotingCommand answer) {
        return "it refuses with code " + answer.getCode() + " " + answer.getRemark();
    }

    private static Duration longer(Duration one, Duration other) {
        return one.compareTo(other) >= 0 ? one : other;
    }

    private HalfMessagesUnavailableException interrupted(String asked, InterruptedException cause) {
        Thread.currentThread().interrupt();
        return unavailable("interrupted while asking " + asked, cause);
    }

    private HalfMessagesUnavailableException unavailable(String reason, @Nullable Exception cause) {
        String text = "Cannot find out how old the oldest half message of producer group '"
                + producer.getProducerGroup() + "' may be that is still asked about: " + reason;
        return cause == null
                ? new HalfMessagesUnavailableException(text)
                : new HalfMessagesUnavailableException(text, cause);
    }
}
