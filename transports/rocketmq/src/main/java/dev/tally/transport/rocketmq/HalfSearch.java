package dev.tally.transport.rocketmq;

import dev.tally.half.HalfMessageList;
import dev.tally.half.HalfMessagesUnavailableException;
import dev.tally.half.OpenHalf;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import org.apache.rocketmq.client.exception.MQBrokerException;
import org.apache.rocketmq.remoting.exception.RemotingException;
import org.apache.rocketmq.remoting.protocol.RemotingCommand;
import org.apache.rocketmq.remoting.protocol.ResponseCode;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Finds the producer group's half messages that are undecided or parked: at Tally's broker by requests of its own, at
 * RocketMQ's in the topic into which they park. Thread-safe.
 */
final class HalfSearch {

    /** Requests of Tally's broker; RocketMQ's brokers do not know them. */
    static final int FIND_HALF_MESSAGES = 910_011;

    static final int COUNT_HALF_MESSAGES = 910_012;

    private static final JsonMapper JSON = JsonMapper.shared();
    private static final Comparator<OpenHalf> OLDEST_FIRST = Comparator.comparing(OpenHalf::preparedAt);

    private final TallyProducer producer;
    private final HalfInspector inspector;
    private final ParkedTopic parkedTopic;

    HalfSearch(TallyProducer producer, HalfInspector inspector) {
        this.producer = producer;
        this.inspector = inspector;
        this.parkedTopic = new ParkedTopic(producer);
    }

    HalfMessageList undecided(int max) {
        try {
            return new HalfMessageList(
                    inspector.undecided(max).stream().sorted(OLDEST_FIRST).toList(), true);
        } catch (HalfListUnsupportedException e) {
            List<OpenHalf> parked = new ArrayList<>();
            eachMaster((name, address) -> {
                List<OpenHalf> ofBroker = parkedTopic.newest(name, address);
                parked.addAll(ofBroker.subList(Math.max(0, ofBroker.size() - max), ofBroker.size()));
            });
            return new HalfMessageList(parked.stream().sorted(OLDEST_FIRST).toList(), false);
        }
    }

    List<OpenHalf> undecidedOf(String transactionId) {
        List<OpenHalf> found = new ArrayList<>();
        eachMaster((name, address) -> {
            if (!findAtTallys(name, address, transactionId, found)) {
                parkedTopic.newest(name, address).stream()
                        .filter(half -> half.transactionId().equals(transactionId))
                        .forEach(found::add);
            }
        });
        return found;
    }

    long parked() {
        long[] parked = {0};
        eachMaster((name, address) -> {
            RemotingCommand answer =
                    producer.ask(address, COUNT_HALF_MESSAGES, Map.of("producerGroup", producer.getProducerGroup()));
            parked[0] += answer.getCode() == ResponseCode.REQUEST_CODE_NOT_SUPPORTED
                    ? parkedTopic.newest(name, address).size()
                    : JSON.readTree(bodyOf(answer)).path("parked").asLong();
        });
        return parked[0];
    }

    /** Whether the broker knows the request. */
    private boolean findAtTallys(String name, String address, String transactionId, List<OpenHalf> found)
            throws RemotingException, MQBrokerException, InterruptedException {
        for (boolean parked : new boolean[] {false, true}) {
            long from = 0;
            while (from >= 0) {
                RemotingCommand answer = producer.ask(
                        address,
                        FIND_HALF_MESSAGES,
                        Map.of(
                                "producerGroup",
                                producer.getProducerGroup(),
                                "property",
                                MessageTranslation.TRANSACTION,
                                "value",
                                transactionId,
                                "parked",
                                Boolean.toString(parked),
                                "from",
                                Long.toString(from)));
                if (answer.getCode() == ResponseCode.REQUEST_CODE_NOT_SUPPORTED) {
                    return false;
                }
                byte[] body = bodyOf(answer);
                HalfInspector.read(body, name, found);
                JsonNode next = JSON.readTree(body).path("next");
                from = next.isMissingNode() ? -1 : next.asLong();
            }
        }
        return true;
    }

    private static byte[] bodyOf(RemotingCommand answer) throws MQBrokerException {
        if (answer.getCode() != ResponseCode.SUCCESS || answer.getBody() == null) {
            throw new MQBrokerException(answer.getCode(), answer.getRemark());
        }
        return answer.getBody();
    }

    /** What is asked of one broker. */
    @FunctionalInterface
    private interface Question {

        void ask(String name, String address) throws RemotingException, MQBrokerException, InterruptedException;
    }

    private void eachMaster(Question question) {
        String asked = "the name server";
        try {
            for (Map.Entry<String, String> master : producer.mastersByName().entrySet()) {
                asked = "broker " + master.getKey() + " at " + master.getValue();
                question.ask(master.getKey(), master.getValue());
            }
        } catch (RemotingException | MQBrokerException | JacksonException e) {
            throw unavailable(asked, e.getMessage(), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw unavailable(asked, "interrupted", e);
        }
    }

    private HalfMessagesUnavailableException unavailable(String asked, @Nullable String reason, Exception cause) {
        return new HalfMessagesUnavailableException(
                "Cannot look for undecided half messages of producer group '" + producer.getProducerGroup()
                        + "': asked " + asked + ", it does not tell: " + reason,
                cause);
    }
}
