package dev.tally.broker.transfer;

import dev.tally.broker.protocol.MalformedCommandException;
import dev.tally.broker.protocol.MessageEncoding;
import dev.tally.broker.protocol.SysFlag;
import dev.tally.broker.protocol.WireMessage;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * A message of a queue, with what of it is sent on. Left out is what brokers and clients note on a message for
 * themselves: it would make the target hold the message back, take it for a half message, or deliver it elsewhere.
 *
 * @param offset its offset in the queue that it was read from
 * @param message the message
 * @param properties the properties that are its sender's
 */
record Copied(long offset, WireMessage message, Map<String, String> properties) {

    private static final String UNIQUE_KEY = "UNIQ_KEY";

    private static final Set<String> INTERNAL = Set.of(
            // Delays: it is visible now, and stays so.
            "DELAY",
            "TIMER_DELAY_LEVEL",
            "TIMER_DELAY_MS",
            "TIMER_DELAY_SEC",
            "TIMER_DELIVER_MS",
            "TIMER_OUT_MS",
            "TIMER_ENQUEUE_MS",
            "TIMER_DEQUEUE_MS",
            "TIMER_ROLL_TIMES",
            "TIMER_DEL_UNIQKEY",
            "TALLY_LATE_MILLIS",
            // Where a delayed or half message was meant to go.
            "REAL_TOPIC",
            "REAL_QID",
            // Transactions: it is decided.
            "TRAN_MSG",
            "PGROUP",
            "TRAN_PREPARED_QUEUE_OFFSET",
            "TRANSACTION_CHECK_TIMES",
            "CHECK_IMMUNITY_TIME_IN_SECONDS",
            // Deliveries.
            "POP_CK",
            "POP_CK_OFFSET",
            "MIN_OFFSET",
            "MAX_OFFSET",
            "CONSUME_START_TIME",
            "TALLY_DLQ_SOURCE",
            // What every broker adds itself, or a client tells its broker.
            "MSG_REGION",
            "TRACE_ON",
            "CLUSTER",
            "WAIT",
            "__CRC32#",
            "INNER_MULTI_DISPATCH",
            "INNER_MULTI_QUEUE_OFFSET");

    /** Several messages in one, which only a broker with such queues can hold. */
    private static final int INNER_BATCH = 1 << 7;

    private static final int LEAST_BYTES = 64;

    static Copied of(long offset, WireMessage message) {
        Map<String, String> own = new LinkedHashMap<>(message.properties().asMap());
        own.keySet().removeAll(INTERNAL);
        return new Copied(offset, message, own);
    }

    /** All messages of a pull's answer. */
    static List<Copied> listFrom(ByteBuffer body) {
        ByteBuffer in = body.duplicate();
        List<Copied> messages = new ArrayList<>();
        while (in.hasRemaining()) {
            int size = in.remaining() < LEAST_BYTES ? 0 : in.getInt(in.position());
            if (size < LEAST_BYTES || size > in.remaining()) {
                throw new MalformedCommandException("A pull's answer ends within a message");
            }
            ByteBuffer one = in.slice(in.position(), size);
            messages.add(of(MessageEncoding.queueOffset(one), MessageEncoding.decode(one)));
            in.position(in.position() + size);
        }
        return messages;
    }

    /** The system flag that is the sender's: compression and the like. */
    int sysFlag() {
        return message.sysFlag() & ~(SysFlag.ROLLED_BACK | SysFlag.BORN_HOST_V6 | SysFlag.STORE_HOST_V6);
    }

    boolean severalInOne() {
        return (message.sysFlag() & INNER_BATCH) != 0;
    }

    /** Whether the other one is a copy of this; the target gives a unique key to a message that has none. */
    boolean hasCopy(Copied other, long bornTolerance) {
        Map<String, String> theirs = new HashMap<>(other.properties);
        if (!properties.containsKey(UNIQUE_KEY)) {
            theirs.remove(UNIQUE_KEY);
        }
        return message.flag() == other.message.flag()
                && sysFlag() == other.sysFlag()
                && message.reconsumeTimes() == other.message.reconsumeTimes()
                && Math.abs(message.bornAtMillis() - other.message.bornAtMillis()) <= bornTolerance
                && properties.equals(theirs)
                && message.body().equals(other.message.body());
    }
}
