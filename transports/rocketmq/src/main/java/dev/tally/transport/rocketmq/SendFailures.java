package dev.tally.transport.rocketmq;

import dev.tally.transport.SendOutcome;
import dev.tally.transport.client.UnsendableMessageException;
import java.util.Set;
import org.apache.rocketmq.client.exception.MQBrokerException;
import org.apache.rocketmq.client.exception.MQClientException;
import org.apache.rocketmq.client.producer.SendResult;
import org.apache.rocketmq.client.producer.SendStatus;
import org.apache.rocketmq.remoting.protocol.ResponseCode;

/**
 * What a failed send means to the caller.
 *
 * <p>Final is only what the broker says about the message itself: illegal (too large for it, above all) or forbidden.
 * All else may be better next time, a missing topic included: a name server that has just started knows no topics.
 */
final class SendFailures {

    private static final Set<Integer> FINAL_CODES = Set.of(ResponseCode.MESSAGE_ILLEGAL, ResponseCode.NO_PERMISSION);

    private SendFailures() {}

    static SendOutcome.Failed of(Throwable thrown, String what) {
        return new SendOutcome.Failed(!isFinal(thrown), what + ": " + reason(thrown), thrown);
    }

    /** The broker's answer; anything but OK is stored with less durability than it is configured for. */
    static SendOutcome of(SendResult result, String what) {
        if (result.getSendStatus() == SendStatus.SEND_OK) {
            return new SendOutcome.Sent(result.getMsgId());
        }
        return new SendOutcome.Failed(
                true,
                what + ": the broker has stored it, but answered " + result.getSendStatus()
                        + ", which is less than its configured durability; sending it again may store it twice",
                null);
    }

    private static boolean isFinal(Throwable thrown) {
        for (Throwable cause = thrown; cause != null; cause = cause.getCause()) {
            if (cause instanceof MQBrokerException broker && FINAL_CODES.contains(broker.getResponseCode())) {
                return true;
            }
            if (cause instanceof MQClientException client && FINAL_CODES.contains(client.getResponseCode())) {
                return true;
            }
            if (cause instanceof UnsendableMessageException) {
                return true;
            }
        }
        return false;
    }

    private static String reason(Throwable thrown) {
        if (thrown instanceof MQBrokerException broker) {
            return "the broker " + broker.getBrokerAddr() + " answered code " + broker.getResponseCode() + ", "
                    + broker.getErrorMessage();
        }
        return thrown.getMessage() == null ? thrown.getClass().getSimpleName() : thrown.getMessage();
    }
}
