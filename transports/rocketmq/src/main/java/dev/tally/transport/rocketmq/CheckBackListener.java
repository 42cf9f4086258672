package dev.tally.transport.rocketmq;

import dev.tally.half.CheckBack;
import dev.tally.half.CheckBackAnswer;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.rocketmq.client.producer.LocalTransactionState;
import org.apache.rocketmq.client.producer.TransactionListener;
import org.apache.rocketmq.common.message.Message;
import org.apache.rocketmq.common.message.MessageConst;
import org.apache.rocketmq.common.message.MessageExt;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Passes the broker's question about a half message on, by the transaction's id. What cannot be answered is UNKNOWN. */
final class CheckBackListener implements TransactionListener {

    private static final Logger LOG = LoggerFactory.getLogger(CheckBackListener.class);

    /** Topics of questions that are being answered, and of some that were: more than ever are at one time. */
    private static final int MOST_TOPICS = 10_000;

    private final AtomicReference<@Nullable CheckBack> answers = new AtomicReference<>();
    private final Map<String, String> topics = new ConcurrentHashMap<>();

    void answerWith(CheckBack checkBack) {
        if (!answers.compareAndSet(null, checkBack)) {
            throw new IllegalStateException("Cannot set who answers check-backs: it is set already");
        }
    }

    private void remember(MessageExt half) {
        if (topics.size() >= MOST_TOPICS) {
            topics.clear();
        }
        String id = half.getProperty(MessageConst.PROPERTY_UNIQ_CLIENT_MESSAGE_ID_KEYIDX);
        String topic = half.getProperty(MessageConst.PROPERTY_REAL_TOPIC);
        topics.put(id == null ? half.getMsgId() : id, topic == null ? half.getTopic() : topic);
    }

    /** The topic of a half message that was asked about lately, by the client's id of it; {@code null} for others. */
    @Nullable String topicAskedAbout(String id) {
        return topics.get(id);
    }

    /** Not called: halves are sent and ended apart from each other. */
    @Override
    public LocalTransactionState executeLocalTransaction(Message message, Object argument) {
        return LocalTransactionState.UNKNOW;
    }

    @Override
    public LocalTransactionState checkLocalTransaction(MessageExt half) {
        remember(half);
        String transactionId = half.getUserProperty(MessageTranslation.TRANSACTION);
        CheckBack checkBack = answers.get();
        if (transactionId == null) {
            LOG.warn(
                    "Check-back for a half message without property {} answered UNKNOWN topic={} messageId={};"
                            + " another sender uses this producer group, or half messages of another framework are left",
                    MessageTranslation.TRANSACTION,
                    half.getTopic(),
                    half.getMsgId());
            return LocalTransactionState.UNKNOW;
        }
        if (checkBack == null) {
            LOG.warn("Check-back answered UNKNOWN transactionId={}: nobody here answers them", transactionId);
            return LocalTransactionState.UNKNOW;
        }
        return ask(checkBack, transactionId, half);
    }

    private static LocalTransactionState ask(CheckBack checkBack, String transactionId, MessageExt half) {
        CheckBackAnswer answer;
        try {
            answer = checkBack.check(transactionId, MessageTranslation.idOf(half));
        } catch (RuntimeException e) {
            LOG.warn("Check-back answered UNKNOWN transactionId={}: the answer failed; asked again", transactionId, e);
            answer = CheckBackAnswer.UNKNOWN;
        }
        LOG.debug("Check-back answered transactionId={} answer={}", transactionId, answer);
        return switch (answer) {
            case COMMIT -> LocalTransactionState.COMMIT_MESSAGE;
            case ROLLBACK -> LocalTransactionState.ROLLBACK_MESSAGE;
            case UNKNOWN -> LocalTransactionState.UNKNOW;
        };
    }
}
