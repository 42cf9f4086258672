package dev.tally.transport.rocketmq;

import dev.tally.half.PreparedHalf;
import dev.tally.message.MessageId;
import org.apache.rocketmq.client.producer.SendResult;
import org.apache.rocketmq.common.message.Message;

/** A half message that a broker has confirmed, with what its end needs: where in that broker's log it lies. */
record RocketMqHalf(MessageId messageId, Message message, SendResult stored) implements PreparedHalf {}
