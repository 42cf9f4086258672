package dev.tally.broker.protocol;

import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * What the broker asks a producer about a half message; its body is the message.
 *
 * @param topic the message's topic
 * @param position its log position, comes back in the decision
 * @param offsetMessageId its offset message id
 * @param uniqueKey its unique key, {@code null} where the producer gave none
 * @param brokerName the broker's name
 * @since 0.1
 */
public record CheckBackRequest(
        String topic,
        long position,
        String offsetMessageId,
        @Nullable String uniqueKey,
        String brokerName) {

    /** The frame to push. */
    public Command toCommand(ByteBuffer message) {
        Fields fields = Fields.of(
                "topic",
                topic,
                "tranStateTableOffset",
                0,
                "commitLogOffset",
                position,
                "msgId",
                uniqueKey,
                "transactionId",
                uniqueKey,
                "offsetMsgId",
                offsetMessageId,
                "bname",
                brokerName);
        return Command.push(RequestCode.CHECK_TRANSACTION_STATE, fields, message);
    }
}
