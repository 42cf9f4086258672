package dev.tally.transport.rocketmq;

import dev.tally.half.PreparedHalf;
import dev.tally.message.MessageId;

/**
 * A half message that a broker of RocketMQ has given up asking about. It has no place any more where it could be ended; but
 * the broker can be told to ask about it again, and the ledger then answers.
 *
 * @param offsetMessageId where the parked copy is in the broker's log
 */
record ParkedHalf(MessageId messageId, String brokerName, String address, String offsetMessageId)
        implements PreparedHalf {}
